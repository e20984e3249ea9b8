import { loadCheckpoint } from '../../checkpoint/checkpoint.ts';
import { modelFolder } from '../../checkpoint/shipped.ts';
import { openDataset } from '../../data/open-dataset.ts';
import { loadTensorflow, loadWebgpu } from '../../engines/load-tfjs.ts';
import { MangaError } from '../../errors/manga-error.ts';
import { DEFAULT_CONFIG, networkConfigSchema } from '../../network/config.ts';
import { generatorSpecs } from '../../network/generator.ts';
import type { Medium } from '../../network/media.ts';
import { createTfjsOps } from '../../network/tfjs/ops.ts';
import { randomWeights } from '../../network/weights.ts';
import type { FeatureNetwork } from '../../perceptual/feature-network.ts';
import { loadSmallNetwork } from '../../perceptual/small.ts';
import { loadVgg19 } from '../../perceptual/vgg19.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../../plan/types.ts';
import { Random } from '../../random.ts';
import { ensureGradients } from '../gradients.ts';
import { compilePlan } from './compile-plan.ts';
import type { FeatureSettings } from './compiled-plan.ts';
import { DiscriminatorPlayer } from './discriminator-player.ts';
import { checkBeginning } from './earlier-run.ts';
import { exportRun } from './export-run.ts';
import { GanTrainer } from './gan-trainer.ts';
import { samplePath } from './run-folder.ts';
import { writeStrip } from './sample-strip.ts';
import { TrainingRun } from './training-run.ts';

export type TrainingEngine = 'tensorflow' | 'webgpu';

export interface OpenRun {
  readonly run: TrainingRun;
  /** For people: what the data are, what computes. */
  readonly summary: string;
  /** Tensors that are alive in this process. */
  tensors(): number;
  close(): Promise<void>;
}

/**
 * Gets everything ready that a plan needs: engine, data, feature networks, both players.
 * @throws MangaError BAD_WIRING, BAD_SETTING (also: an unfinished run lies in the folder), BAD_INPUT (no data), ENGINE_MISSING,
 * MODEL_MISSING
 */
export async function openRun(
  plan: Plan,
  settings: TrainerSettings,
  engine: TrainingEngine,
  onStep?: (report: TrainingReport) => void,
): Promise<OpenRun> {
  const compiled = compilePlan(plan, settings);
  await checkBeginning(settings);
  const { tf, description } = await (engine === 'tensorflow' ? loadTensorflow() : loadWebgpu());
  ensureGradients(tf);
  const ops = createTfjsOps(tf);
  const from = settings.from ? await loadCheckpoint(modelFolder(settings.from)) : null;
  const { medium = DEFAULT_CONFIG.medium } = compiled.dataset as { medium?: Medium };
  const config = from ? networkConfigSchema.parse(from.metadata.config) : { ...DEFAULT_CONFIG, medium };
  const start = from?.weights ?? randomWeights(generatorSpecs(config), new Random(settings.seed), 'start');
  const networks = new Map<string, Promise<FeatureNetwork>>();
  const network = (wanted: FeatureSettings | null) => {
    if (!wanted || wanted.weight === 0) return null;
    const known = networks.get(wanted.network);
    if (known) return known;
    const loading = wanted.network === 'small' ? loadSmallNetwork(tf) : loadVgg19(tf, wanted.network);
    networks.set(wanted.network, loading);
    return loading;
  };
  const { frames, side, discriminator, adversarial } = compiled;
  const data = await openDataset({
    ...compiled.dataset,
    ...{ medium: config.medium, batch: settings.microBatch, side, frames },
  });
  try {
    const trainer = new GanTrainer({
      tf,
      ops,
      config,
      plan: compiled,
      settings,
      data,
      features: { content: await network(compiled.content), style: await network(compiled.style) },
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
    const run = new TrainingRun(trainer, settings, {
      onStep,
      waited: () => data.waitedSeconds,
      export: async (step, seconds) =>
        exportRun(await trainer.export(), { plan, settings, config, step, seconds, data: data.summary }),
      async sample(step) {
        const path = samplePath(settings.out, step);
        const strip = await trainer.strip();
        await writeStrip(path, strip.rows, strip.side);
        return path;
      },
    });
    return {
      run,
      summary: `${data.summary} ${description}`,
      tensors: () => tf.memory().numTensors,
      async close() {
        trainer.dispose();
        for (const loading of networks.values()) (await loading).dispose();
        await data.close();
      },
    };
  } catch (error) {
    await data.close();
    throw error instanceof MangaError
      ? error
      : new MangaError('INTERNAL', (error as Error).message, undefined, { cause: error });
  }
}
