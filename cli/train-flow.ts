import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { namedCheckpoint } from '../lib/checkpoint/shipped.ts';
import { MangaError } from '../lib/errors/manga-error.ts';
import { fileReader, type NodeRecord } from '../lib/plan/config-reader.ts';
import { planFromFlow } from '../lib/plan/from-flow.ts';
import { trainerSchema } from '../lib/plan/settings.ts';
import type { TrainerSettings, TrainingReport } from '../lib/plan/types.ts';
import { parseSettings } from '../lib/settings/settings.ts';
import type { TrainingEngine } from '../lib/training/gan/open-run.ts';
import { type Begun, begunWith, foldersFor, OPTIONAL } from './continue-run.ts';

export const TRAIN_FLOW_HELP = `motion-manga train FLOW.json --out DIR [options]

Trains what the flow wires: the same plan as in the editor, without one; the same numbers for the same seed.

  --out DIR          where checkpoints and samples go; default: as in the flow's trainer, with --resume that folder
  --resume DIR       go on exactly where this folder's newest checkpoint stopped, with the options that its run was
                     begun with where they are not given again; what is given otherwise is refused
  --anew             move an unfinished run in --out aside; without, training does not begin there
  --from DIR         start from the weights of this checkpoint
  --steps N          default: as in the flow, and so for the following
  --seed N           same seed, same numbers
  --batch N          samples a step
  --micro-batch N    samples at once
  --photos DIR       folder of photos; may be given several times
  --pages DIR        folder of pages to draw like; may be given several times
  --licence TEXT     licence of photos and pages, kept in the checkpoint
  --engine NAME      tensorflow or webgpu; default: as in the flow's session, else the first of them that is there
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
  const resume = values.resume && resolve(values.resume);
  const begun = resume ? await begunWith(resume) : undefined;
  const adjust = (node: NodeRecord) => withFolders(node, foldersFor(node, values, begun));
  const flow = await planFromFlow(await readFlow(file), fileReader(process.cwd()), adjust);
  const out = values.out ? resolve(values.out) : resume;
  const asked = {
    ...given(
      { ...values, microBatch: values['micro-batch'], from: values.from && namedCheckpoint(values.from) },
      OPTIONAL,
    ),
    ...given({ anew: values.anew, out, resume }, ['anew', 'out', 'resume']),
  };
  const settings = parseSettings(trainerSchema, {
    ...{ ...flow.trainer, ...begun?.settings, ...asked },
    flow: basename(file, '.json'),
  });
  tellTakenOver(flow.trainer, begun, asked);
  const { runPlan } = await import('../lib/training/gan/run-plan.ts');
  const abort = new AbortController();
  // Not SIGHUP: whoever started this with nohup does not want it to end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  await runPlan(flow.plan, settings, {
    engines: enginesOf(values.engine, flow.engine, begun),
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
function withFolders(node: NodeRecord, { photos = [], pages = [] }: Pick<Begun, 'photos' | 'pages'>): NodeRecord {
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

/** Settings of a run that goes on which the flow has otherwise: whoever changed the flow shall know. */
function tellTakenOver(flow: TrainerSettings, begun: Begun | undefined, asked: Record<string, unknown>): void {
  const kept = OPTIONAL.filter((key) => begun && asked[key] === undefined && begun.settings[key] !== flow[key]);
  if (kept.length === 0) return;
  const told = kept.map((key) => `${key} ${begun?.settings[key] ?? 'not set'}`).join(', ');
  console.error(`as the run was begun, not as the flow has it: ${told}`);
}

/** The engines to try: the one that is asked for, else the flow's, else each that trains, that of the run first. @throws MangaError BAD_SETTING */
function enginesOf(asked: string | undefined, flows: string, begun: Begun | undefined): TrainingEngine[] {
  const name = asked ?? flows;
  if (name === 'tensorflow' || name === 'webgpu') return [name];
  if (asked) throw new MangaError('BAD_SETTING', `The engine ${asked} cannot train.`, 'Take tensorflow or webgpu.');
  return begun?.engine === 'webgpu' ? ['webgpu', 'tensorflow'] : ['tensorflow', 'webgpu'];
}

/** Prints each step once; what the data are, what was skipped and how it ended go to stderr. */
function printer(json: boolean): (report: TrainingReport) => void {
  let printed: number | undefined;
  let before: Partial<TrainingReport> = {};
  return (report) => {
    const { aside, data, skipped, ...rest } = report;
    if (aside !== before.aside) console.error(`the earlier run is in ${aside} now`);
    const news = data !== before.data || skipped?.count !== before.skipped?.count;
    if (news) tellData(report);
    before = report;
    // What the data are is told once, and again when more of them was skipped.
    const line = { ...rest, ...(aside === undefined ? {} : { aside }), ...(news ? { data, skipped } : {}) };
    if (report.step > 0 && report.step !== printed) console.log(json ? jsonLine(line) : progressLine(report));
    printed = report.step;
    if (report.state === 'finished') console.error(`finished: ${report.checkpoint ?? 'nothing was saved'}`);
  };
}

function tellData({ data, skipped }: TrainingReport): void {
  console.error(`data: ${data}`);
  if (!skipped) return;
  const more = skipped.count - skipped.first.length;
  console.error(`skipped: ${skipped.count}`);
  for (const { where, reason } of skipped.first) console.error(`- ${where}: ${reason}`);
  if (more > 0) console.error(`- and ${more} more`);
}

/** A loss that rests in a phase counts 0. */
const RESTING = { adversarial: 0, discriminator: 0, content: 0, style: 0, temporal: 0 };

function jsonLine(report: TrainingReport): string {
  return JSON.stringify({ ...report, losses: { ...RESTING, ...report.losses } });
}

function progressLine({ step, steps, phase, losses, etaSeconds, rollbacks, problem }: TrainingReport): string {
  const parts = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  const left = etaSeconds === undefined ? '' : ` | ${Math.round(etaSeconds)} s left`;
  const back = rollbacks > 0 ? `${rollbacks} roll-backs: ` : '';
  const trouble = problem ? ` | ${back}${problem}` : '';
  return `${step}/${steps} ${phase ?? ''} ${parts.join(' ')}${left}${trouble}`;
}
