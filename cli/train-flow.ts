import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MangaError } from '../lib/errors/manga-error.ts';
import { fileReader, type NodeRecord } from '../lib/plan/config-reader.ts';
import { planFromFlow } from '../lib/plan/from-flow.ts';
import { trainerSchema } from '../lib/plan/settings.ts';
import type { TrainingReport } from '../lib/plan/types.ts';
import { parseSettings } from '../lib/settings/settings.ts';

export const TRAIN_FLOW_HELP = `motion-manga train FLOW.json --out DIR [options]

Trains what the flow wires: the same plan as in the editor, without one; the same numbers for the same seed.

  --out DIR          where checkpoints and samples go; default: as in the flow's trainer
  --resume DIR       go on exactly where this folder's newest checkpoint stopped
  --anew             move an unfinished run in --out aside; without, training does not begin there
  --from DIR         start from the weights of this checkpoint
  --steps N          default: as in the flow, and so for the following
  --seed N           same seed, same numbers
  --batch N          samples a step
  --micro-batch N    samples at once
  --photos DIR       folder of photos; may be given several times
  --pages DIR        folder of pages to draw like; may be given several times
  --licence TEXT     licence of photos and pages, kept in the checkpoint
  --engine NAME      tensorflow or webgpu; default: as in the flow's session, else tensorflow
  --json             one JSON line a step: step, losses (0 while one rests in this phase), phase, scores, …`;

/** `motion-manga train flow.json …`. @returns exit code */
export async function trainFlow(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const several = { type: 'string', multiple: true } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{
        out: text,
        resume: text,
        from: text,
        steps: text,
        seed: text,
        batch: text,
        'micro-batch': text,
        engine: text,
        licence: text,
      },
      ...{ anew: { type: 'boolean' } },
      ...{ photos: several, pages: several, json: { type: 'boolean' }, help: { type: 'boolean' } },
    },
  });
  if (values.help) {
    console.log(TRAIN_FLOW_HELP);
    return 0;
  }
  const [file, extra] = positionals;
  if (!file || extra) throw new MangaError('BAD_SETTING', 'Give one flow file.');
  const adjust = (node: NodeRecord) => withFolders(node, values.photos, values.pages);
  const flow = await planFromFlow(await readFlow(file), fileReader(process.cwd()), adjust);
  const settings = parseSettings(trainerSchema, {
    ...flow.trainer,
    flow: basename(file, '.json'),
    ...given({ ...values, microBatch: values['micro-batch'] }, [
      'steps',
      'seed',
      'batch',
      'microBatch',
      'from',
      'anew',
      'licence',
    ]),
    ...given({ out: values.out && resolve(values.out), resume: values.resume && resolve(values.resume) }, [
      'out',
      'resume',
    ]),
  });
  const { runPlan } = await import('../lib/training/gan/run-plan.ts');
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  await runPlan(flow.plan, settings, {
    engine: engineOf(values.engine ?? flow.engine, values.engine !== undefined),
    signal: abort.signal,
    onStep: printer(values.json ?? false),
  });
  return 0;
}

/** @throws MangaError IO, BAD_INPUT */
async function readFlow(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new MangaError('IO', `Could not read ${file}: ${cause.message}.`, undefined, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    const hint = "Export it from the editor's menu.";
    throw new MangaError('BAD_INPUT', `${file} is no flow file: ${(cause as Error).message}.`, hint, { cause });
  }
}

/** The dataset node, with the folders of the command line. Pages make a dataset of photos, which are drawn, one of pages and drawn photos. */
function withFolders(node: NodeRecord, photos: readonly string[] = [], pages: readonly string[] = []): NodeRecord {
  if (node.type !== 'manga-dataset') return node;
  const folders = (paths: readonly string[]) => JSON.stringify(paths.map((path) => resolve(path)));
  return {
    ...node,
    ...(photos.length > 0 ? { photos: folders(photos), photosType: 'json' } : {}),
    ...(pages.length > 0 ? { kind: 'pages', pages: folders(pages), pagesType: 'json' } : {}),
    ...(pages.length > 0 && node.kind === 'photos' ? { paired: true } : {}),
  };
}

function given<K extends string>(values: Partial<Record<K, unknown>>, keys: readonly K[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
}

/** @throws MangaError BAD_SETTING */
function engineOf(name: string, asked: boolean): 'tensorflow' | 'webgpu' {
  if (name === 'tensorflow' || name === 'webgpu') return name;
  if (asked) throw new MangaError('BAD_SETTING', `The engine ${name} cannot train.`, 'Take tensorflow or webgpu.');
  return 'tensorflow';
}

/** Prints each step once; how it ended goes to stderr. */
function printer(json: boolean): (report: TrainingReport) => void {
  let printed: number | undefined;
  let aside: string | undefined;
  return (report) => {
    if (report.aside !== aside) console.error(`the earlier run is in ${report.aside} now`);
    aside = report.aside;
    if (report.step > 0 && report.step !== printed) console.log(json ? jsonLine(report) : progressLine(report));
    printed = report.step;
    if (report.state === 'finished') console.error(`finished: ${report.checkpoint ?? 'nothing was saved'}`);
  };
}

/** A loss that rests in a phase counts 0. */
const RESTING = { adversarial: 0, discriminator: 0, content: 0, style: 0, temporal: 0 };

function jsonLine(report: TrainingReport): string {
  return JSON.stringify({ ...report, losses: { ...RESTING, ...report.losses } });
}

function progressLine({ step, steps, phase, losses, etaSeconds, rollbacks, problem }: TrainingReport): string {
  const parts = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  const left = etaSeconds === undefined ? '' : ` | ${Math.round(etaSeconds)} s left`;
  const trouble = problem ? ` | ${rollbacks} roll-backs: ${problem}` : '';
  return `${step}/${steps} ${phase ?? ''} ${parts.join(' ')}${left}${trouble}`;
}
