import { loadCheckpoint } from '../../checkpoint/checkpoint.ts';
import { modelFolder } from '../../checkpoint/shipped.ts';
import { batchesAhead } from '../../data/ahead.ts';
import type { BatchQueue } from '../../data/batch-queue.ts';
import { openDataset } from '../../data/open-dataset.ts';
import type { Weights } from '../../engines/engine.ts';
import { loadTensorflow, loadWebgpu } from '../../engines/load-tfjs.ts';
import { MangaError } from '../../errors/manga-error.ts';
import { throwIfAborted } from '../../media/abort.ts';
import { DEFAULT_CONFIG, networkConfigSchema } from '../../network/config.ts';
import { generatorSpecs } from '../../network/generator.ts';
import type { Medium } from '../../network/media.ts';
import { createTfjsOps } from '../../network/tfjs/ops.ts';
import { randomWeights } from '../../network/weights.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../../plan/types.ts';
import { Random } from '../../random.ts';
import { ensureGradients } from '../gradients.ts';
import { compilePlan } from './compile-plan.ts';
import { DiscriminatorPlayer } from './discriminator-player.ts';
import { checkBeginning } from './earlier-run.ts';
import { exportRun } from './export-run.ts';
import { openFeatures } from './feature-networks.ts';
import { GanTrainer } from './gan-trainer.ts';
import { loadRun, samplePath } from './run-folder.ts';
import type { RunEvents } from './run-parts.ts';
import { checkSameRun, recordOf } from './run-record.ts';
import { writeStrip } from './sample-strip.ts';
import { TrainingRun } from './training-run.ts';

export type TrainingEngine = 'tensorflow' | 'webgpu';

export interface OpenRun {
  readonly run: TrainingRun;
  /** Tensors that are alive in this process. */
  tensors(): number;
  close(): Promise<void>;
}

export interface OpenRunOptions {
  onStep?(report: TrainingReport): void;
  /** Aborting rejects CANCELLED while the run is being opened. */
  readonly signal?: AbortSignal;
}

/** Of what was skipped, so many are told by name. */
const NAMED = 5;

/**
 * Gets everything ready that a plan needs: engine, data, feature networks, both players.
 * @throws MangaError BAD_WIRING, BAD_SETTING (also: an unfinished run lies in the folder, the run to resume was begun
 * otherwise), BAD_INPUT (no data), ENGINE_MISSING, MODEL_MISSING, CANCELLED
 */
export async function openRun(
  plan: Plan,
  settings: TrainerSettings,
  engine: TrainingEngine,
  { onStep, signal }: OpenRunOptions = {},
): Promise<OpenRun> {
  const compiled = compilePlan(plan, settings);
  await checkBeginning(settings);
  const resumed = settings.resume === undefined ? undefined : await loadRun(settings.resume);
  const before = resumed && recordOf(resumed);
  if (before) checkSameRun(settings.resume!, before, plan, settings);
  throwIfAborted(signal);
  const { tf } = await (engine === 'tensorflow' ? loadTensorflow() : loadWebgpu());
  ensureGradients(tf);
  const ops = createTfjsOps(tf);
  // What a run goes on from has its own weights; the checkpoint that it began with may have changed or gone since.
  const from = settings.from && !before ? await loadCheckpoint(modelFolder(settings.from)) : null;
  const { medium = DEFAULT_CONFIG.medium } = compiled.dataset as { medium?: Medium };
  const begun = from ? networkConfigSchema.parse(from.metadata.config) : { ...DEFAULT_CONFIG, medium };
  const config = before?.config ?? begun;
  const random = randomWeights(generatorSpecs(config), new Random(settings.seed), 'start');
  const start = from ? inOrder(from.weights, random) : random;
  const features = await openFeatures(tf, compiled, plan);
  const { frames, side, discriminator, adversarial } = compiled;
  throwIfAborted(signal);
  const queue = Math.max(Number(compiled.dataset.queue ?? 0), batchesAhead({ ...settings, side, frames }));
  const wanted = { medium: config.medium, batch: settings.microBatch, side, frames, queue };
  const data = await openDataset({ ...compiled.dataset, ...wanted }, signal).catch((error: unknown) => {
    features.dispose();
    throw error;
  });
  try {
    throwIfAborted(signal);
    const trainer = new GanTrainer({
      tf,
      ops,
      config,
      plan: compiled,
      settings,
      data,
      features,
      discriminator:
        discriminator && adversarial
          ? new DiscriminatorPlayer(
              tf,
              ops,
              { ...discriminator, objective: adversarial.objective, realLabel: adversarial.realLabel },
              settings.clipNorm,
              new Random(settings.seed ^ 0x7f4a7c15),
            )
          : null,
      start,
    });
    const events: RunEvents = {
      onStep,
      waited: () => trainer.waitedSeconds,
      data: () => told(data),
      export: async (step, seconds) =>
        exportRun(await trainer.export(), { plan, settings, config, step, seconds, data: data.summary }),
      async sample(step) {
        const path = samplePath(settings.out, step);
        const strip = await trainer.strip();
        await writeStrip(path, strip.rows, strip.side);
        return path;
      },
    };
    return {
      run: new TrainingRun(trainer, settings, events, { resumed, record: { plan, settings, config, engine } }),
      tensors: () => tf.memory().numTensors,
      async close() {
        trainer.dispose();
        features.dispose();
        await data.close();
      },
    };
  } catch (error) {
    features.dispose();
    await data.close();
    throw error instanceof MangaError
      ? error
      : new MangaError('INTERNAL', (error as Error).message, undefined, { cause: error });
  }
}

/** Weights in the order of others: sums of all of them come out the same, whatever file they were read from. */
function inOrder(weights: Weights, like: Weights): Weights {
  const names = new Set([...like.tensors.keys(), ...weights.tensors.keys()]);
  const found = [...names].flatMap((name) => {
    const data = weights.tensors.get(name);
    return data ? [[name, data] as const] : [];
  });
  return { id: weights.id, tensors: new Map(found) };
}

function told({ inventory, skipped }: BatchQueue): Pick<TrainingReport, 'data' | 'skipped'> {
  if (skipped.length === 0) return { data: inventory };
  return { data: inventory, skipped: { count: skipped.length, first: skipped.slice(0, NAMED) } };
}
