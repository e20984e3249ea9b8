import type { TrainerSettings } from '../../plan/types.ts';

export type PhaseName = 'A' | 'B' | 'C' | 'plain';

/** Which losses count in a step, and how much relative to their own weights. */
export interface PhaseWeights {
  readonly phase: PhaseName;
  readonly adversarial: number;
  readonly content: number;
  readonly style: number;
  readonly temporal: number;
  /** Paired drawing, where the data have a teacher's drawing. */
  readonly layers: number;
  /** Controls followed by the TCN. */
  readonly trajectory: number;
  /** On the learning rate of the paired phases: without an opponent larger steps are safe. */
  readonly rate: number;
}

/** Shares of the three-phase recipe (AnimeGANv2-like: paired first, then motion, then the opponent). */
const SHARE_A = 0.25;
const SHARE_B = 0.15;
/** The adversarial loss grows from 0 to its weight over so many steps. */
const RAMP = 500;
const LAYERS_START = 10;
const LAYERS_END = 2;
const PAIRED_RATE = 5;

/** @param step from 0 @param settings.steps length of the run */
export function phaseWeights(
  step: number,
  settings: Pick<TrainerSettings, 'schedule' | 'steps'>,
  finetune = false,
): PhaseWeights {
  if (settings.schedule === 'plain') {
    return { phase: 'plain', adversarial: 1, content: 1, style: 1, temporal: 1, layers: 0, trajectory: 0, rate: 1 };
  }
  const progress = step / settings.steps;
  if (!finetune && progress < SHARE_A) {
    return {
      phase: 'A',
      adversarial: 0,
      content: 1,
      style: 0,
      temporal: 0,
      layers: LAYERS_START,
      trajectory: 0,
      rate: PAIRED_RATE,
    };
  }
  if (!finetune && progress < SHARE_A + SHARE_B) {
    return {
      phase: 'B',
      adversarial: 0,
      content: 1,
      style: 0,
      temporal: 1,
      layers: LAYERS_START,
      trajectory: 1,
      rate: PAIRED_RATE,
    };
  }
  const from = finetune ? 0 : SHARE_A + SHARE_B;
  const within = Math.min(1, (progress - from) / (1 - from));
  const ramp = Math.min(
    1,
    (step - from * settings.steps) / Math.min(RAMP, Math.max(1, (1 - from) * settings.steps * 0.25)),
  );
  const layers = LAYERS_START + (LAYERS_END - LAYERS_START) * within;
  return { phase: 'C', adversarial: ramp, content: 1, style: 1, temporal: 1, layers, trajectory: 1, rate: 1 };
}
