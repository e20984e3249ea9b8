import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { CHECKPOINT_FORMAT, exportOnnx, loadCheckpoint, saveCheckpoint } from '../lib/checkpoint/checkpoint.ts';
import { modelFolder, namedCheckpoint } from '../lib/checkpoint/shipped.ts';
import { MangaError } from '../lib/errors/manga-error.ts';
import { DEFAULT_CONFIG } from '../lib/network/config.ts';
import { generatorPrograms } from '../lib/network/generator.ts';
import { MEDIA } from '../lib/network/media.ts';
import { drawFolder } from '../lib/render/farm.ts';
import { stylesOf } from '../lib/render/style.ts';
import { parseSettings } from '../lib/settings/settings.ts';
import { writeModelCard } from '../lib/training/model-card.ts';
import { programVersion } from '../lib/training/provenance.ts';
import { type StepReport, trainGenerator } from '../lib/training/train-generator.ts';

export const TRAIN_HELP = `motion-manga train FLOW.json [options]              (motion-manga train FLOW.json --help tells more)
motion-manga train --photos DIR [--photos DIR …] --out DIR

With a flow file it trains what the flow wires: generator, discriminator and losses. Without:

Draws the photos with the procedural manga renderer (once: drawings are cached), then trains the generator on the
pairs: phase A (drawing), phase B (motion). Writes a checkpoint that --model and the session node take.

  --photos DIR    folder of photos; may be given several times
  --out DIR       where the checkpoint goes
  --steps N       default 4000 (about 20 minutes on 2 cores)
  --batch N       crops a step, default 8
  --side N        side of the crops in pixels, default 128
  --seed N        same seed, same numbers; default 1
  --from DIR      go on from this checkpoint: a folder, or ink, pencil, webtoon
  --medium NAME   screentone (default), pencil or colour: what the teacher draws with
  --name NAME     name in the checkpoint; default: the folder's
  --licence TEXT  licence of the photos, kept in the checkpoint
  --long-side N   size at which photos are drawn, default 768
  --cache DIR     where drawings are kept
  --engine NAME   tensorflow (default) or webgpu
  --json          one JSON line a step`;

const trainSchema = z.object({
  photos: z.array(z.string()).min(1, 'give at least one folder: --photos DIR'),
  out: z.string({ error: 'give a folder: --out DIR' }),
  steps: z.coerce.number().int().min(1).default(4000),
  batch: z.coerce.number().int().min(1).default(8),
  side: z.coerce.number().int().min(32).multipleOf(8).default(128),
  seed: z.coerce.number().int().default(1),
  from: z.string().optional(),
  medium: z.enum(MEDIA).default('screentone'),
  name: z.string().optional(),
  licence: z.string().default(''),
  'long-side': z.coerce.number().int().min(128).max(2048).default(768),
  cache: z.string().default(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'motion-manga', 'drawings')),
  engine: z.enum(['tensorflow', 'webgpu']).default('tensorflow'),
  json: z.boolean().default(false),
});

/** `motion-manga train`: what a flow wires, or the generator alone on photos. @returns exit code */
export async function train(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg.endsWith('.json') && !arg.startsWith('-'))) {
    const { trainFlow } = await import('./train-flow.ts');
    return trainFlow(args);
  }
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      photos: { type: 'string', multiple: true },
      out: text,
      steps: text,
      batch: text,
      side: text,
      seed: text,
      from: text,
      medium: text,
      name: text,
      licence: text,
      'long-side': text,
      cache: text,
      engine: text,
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(TRAIN_HELP);
    return 0;
  }
  const options = parseSettings(trainSchema, { ...values, photos: values.photos ?? [] });
  const say = (line: string) => console.error(line);
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());

  // Before the photos are drawn, which takes minutes: a name that is wrong is said at once.
  const from = options.from ? await loadCheckpoint(modelFolder(namedCheckpoint(options.from))) : undefined;
  const styles = stylesOf(options.medium);
  const files = options.photos.flatMap(listPhotos);
  const photos = await drawFolder(files, {
    cacheDir: options.cache,
    longSide: options['long-side'],
    styles: styles.map(({ style }) => style),
    threads: 2,
    signal: abort.signal,
    onProgress: ({ done, total, file, error }) => {
      if (error) say(`skipped ${basename(file)}: ${error.message}`);
      if (done % 25 === 0 || done === total) say(`drawn ${done} of ${total}`);
    },
  });
  const config = { ...DEFAULT_CONFIG, medium: options.medium };
  const programs = generatorPrograms(config);
  const recipe = {
    phases: ['A: paired drawing', 'B: motion'],
    steps: options.steps,
    batch: options.batch,
    side: options.side,
    seed: options.seed,
    from: from?.metadata.name,
    styles: styles.map(({ name }) => name),
    longSide: options['long-side'],
    photos: photos.length,
  };
  const metadata = (step: number, more: Record<string, unknown> = {}) =>
    ({
      format: CHECKPOINT_FORMAT,
      name: options.name ?? basename(options.out),
      config,
      training: { ...recipe, step, ...more },
      dataLicence: options.licence || 'not stated',
      gitCommit: programVersion(),
      created: new Date().toISOString(),
    }) as const;

  let last: Parameters<typeof saveCheckpoint>[1] = new Map();
  const report = reporter(options.json, options.steps);
  const result = await trainGenerator({
    ...options,
    config,
    photos,
    from: from?.weights,
    validateEvery: 100,
    saveEvery: 250,
    signal: abort.signal,
    onStep: report,
    async onSave(tensors, step) {
      last = tensors;
      await saveCheckpoint(options.out, tensors, metadata(step));
    },
  });
  const { heldOut, validation, seconds } = result;
  await saveCheckpoint(
    options.out,
    last,
    metadata(result.steps, {
      seconds: Math.round(seconds),
      validation,
      heldOut: heldOut.map((file) => basename(file)),
    }),
  );
  await writeModelCard(options.out, {
    name: options.name ?? basename(options.out),
    licence: options.licence,
    rows: [
      [
        'trained',
        `${result.steps} steps of ${options.batch} crops of ${options.side}x${options.side}, seed ${options.seed}`,
      ],
      ['time', `${(seconds / 60).toFixed(1)} minutes of training`],
      ['began with', from === undefined ? 'random weights' : `the checkpoint ${from.metadata.name}`],
      ['data', `${photos.length} photos (${options.photos.map((path) => basename(path)).join(', ')})`],
      ['held-out losses', JSON.stringify(validation)],
      ['by', programVersion()],
    ],
  });
  const exported = await loadCheckpoint(options.out);
  await exportOnnx(options.out, Object.values(programs), exported.weights);
  say(
    `done: ${result.steps} steps in ${Math.round(seconds)} s on ${result.description}; held-out losses ${JSON.stringify(validation)}`,
  );
  return 0;
}

function listPhotos(folder: string): string[] {
  try {
    if (!statSync(folder).isDirectory()) return [folder];
    return readdirSync(folder)
      .filter((name) => /\.(jpe?g|png|webp|tiff?|avif)$/i.test(name))
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new MangaError(
      'IO',
      `Could not read ${folder}: ${cause instanceof Error ? cause.message : cause}.`,
      'Check --photos.',
      { cause },
    );
  }
}

function reporter(json: boolean, steps: number): (report: StepReport) => void {
  const round = (values: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(5))]));
  return (report) => {
    const line = { ...report, milliseconds: Math.round(report.milliseconds), losses: round(report.losses) };
    if (json) console.log(JSON.stringify(line));
    else if ((report.step + 1) % 50 === 0 || report.validation) {
      const parts = Object.entries(line.losses).map(([name, value]) => `${name} ${value}`);
      const measured = report.validation ? ` | held out ${JSON.stringify(round(report.validation))}` : '';
      console.log(`${report.step + 1}/${steps} ${report.phase} ${line.milliseconds} ms ${parts.join(' ')}${measured}`);
    }
  };
}
