import type * as core from '@tensorflow/tfjs-core';
import { MangaError } from '../../errors/manga-error.ts';
import type { FeatureNetwork } from '../../perceptual/feature-network.ts';
import { loadSmallNetwork } from '../../perceptual/small.ts';
import { loadVgg19, VGG19_LAYERS } from '../../perceptual/vgg19.ts';
import type { Plan } from '../../plan/types.ts';
import type { CompiledPlan, FeatureSettings } from './compiled-plan.ts';
import type { Features } from './generator-objective.ts';

type Tf = Omit<typeof core, 'default'>;

export interface OpenFeatures extends Features {
  dispose(): void;
}

interface Wish {
  readonly loss: 'content' | 'style';
  readonly settings: FeatureSettings;
}

const depth = ({ settings }: Wish): number =>
  Math.max(-1, ...settings.layers.map((layer) => VGG19_LAYERS.indexOf(layer)));

/**
 * The networks that a plan's losses look through, those of losses that count. A file that two losses share is opened once, and
 * only down to the deepest layer that one of them wants.
 * @throws MangaError MODEL_MISSING, IO, BAD_INPUT when a file cannot be used or lacks a layer: names the loss, and its node
 */
export async function openFeatures(tf: Tf, compiled: CompiledPlan, plan: Plan): Promise<OpenFeatures> {
  const wishes = (['content', 'style'] as const).flatMap((loss): Wish[] => {
    const settings = compiled[loss];
    return settings && settings.weight > 0 ? [{ loss, settings }] : [];
  });
  const opened = new Map<string, FeatureNetwork>();
  const dispose = (): void => {
    for (const network of opened.values()) network.dispose();
  };
  try {
    // The one that looks deepest decides, and is told if the file does not reach so far.
    for (const wish of [...wishes].sort((a, b) => depth(b) - depth(a))) {
      const { network } = wish.settings;
      if (!opened.has(network)) opened.set(network, await named(plan, wish, () => open(tf, wish)));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  const of = (loss: Wish['loss']): FeatureNetwork | null => {
    const wish = wishes.find((candidate) => candidate.loss === loss);
    return wish ? opened.get(wish.settings.network)! : null;
  };
  return { content: of('content'), style: of('style'), dispose };
}

function open(tf: Tf, wish: Wish): Promise<FeatureNetwork> {
  const { network } = wish.settings;
  return network === 'small' ? loadSmallNetwork(tf) : loadVgg19(tf, network, VGG19_LAYERS[depth(wish)]);
}

async function named<R>(plan: Plan, { loss }: Wish, run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    const step = plan.steps.find(({ block }) => block === `loss-${loss}`);
    if (!(error instanceof MangaError) || !step) throw error;
    throw error.at(step.id, step.name);
  }
}
