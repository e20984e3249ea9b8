import { PHASE_FEATURES } from '../network/blocks/motion-tcn.ts';

/** Sways and breaths per second. */
const LIFE_HZ = 0.45;

/**
 * What a step knows of time, [steps, 9] row-major: 1, course -1..1, progress 0..1 (both eased), sin and cos of one turn
 * a clip, sin and cos of the life cycle, and of twice it. Courses of a seamless clip start and end alike.
 * @param from first step; negative and beyond-the-end steps continue (a loop) or stand still (no loop)
 */
export function phaseFeatures(
  from: number,
  count: number,
  length: number,
  fps: number,
  seamless: boolean,
): Float32Array {
  const features = new Float32Array(count * PHASE_FEATURES);
  const seconds = length / fps;
  const cycles = seamless ? Math.max(1, Math.round(seconds * LIFE_HZ)) : seconds * LIFE_HZ;
  for (let i = 0; i < count; i++) {
    const step = from + i;
    const p = seamless ? step / length : Math.min(Math.max(step / Math.max(length - 1, 1), 0), 1);
    const turn = 2 * Math.PI * p;
    const eased = p * p * (3 - 2 * p);
    const progress = seamless ? (1 - Math.cos(turn)) / 2 : eased;
    const course = seamless ? Math.sin(turn) : 2 * eased - 1;
    const life = turn * cycles;
    features.set(
      [
        1,
        course,
        progress,
        Math.sin(turn),
        Math.cos(turn),
        Math.sin(life),
        Math.cos(life),
        Math.sin(2 * life),
        Math.cos(2 * life),
      ],
      i * PHASE_FEATURES,
    );
  }
  return features;
}
