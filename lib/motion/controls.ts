import { Random } from '../random.ts';

/**
 * The named entries of the noise z: each -1..1 at amount 1 (up to ±2 at amount 2). The decoder's TCN is trained so that each
 * drives its own motion, see trajectory.ts.
 */
export const CONTROLS = ['panX', 'panY', 'zoom', 'rotation', 'shake', 'parallax', 'orbit', 'sway', 'breathe'] as const;
export type Control = (typeof CONTROLS)[number];
export type Controls = Record<Control, number>;

/** z after the controls: three channels of jitter, fresh at every step, then free noise, constant over the clip. */
export const JITTER_CHANNELS = 3;
export const JITTER_AT = CONTROLS.length;
export const FREE_AT = JITTER_AT + JITTER_CHANNELS;

/** No motion. */
export const STILL: Controls = {
  panX: 0,
  panY: 0,
  zoom: 0,
  rotation: 0,
  shake: 0,
  parallax: 0,
  orbit: 0,
  sway: 0,
  breathe: 0,
};

/**
 * z of a clip. @param size length of z @returns [steps, size], row-major: controls and free noise constant, jitter fresh
 */
export function noiseOf(controls: Controls, steps: number, size: number, seed: number): Float32Array {
  const random = new Random(seed ^ 0x5bd1e995);
  const free = Array.from({ length: size - FREE_AT }, () => random.normal());
  const z = new Float32Array(steps * size);
  for (let step = 0; step < steps; step++) {
    CONTROLS.forEach((name, i) => {
      z[step * size + i] = controls[name];
    });
    for (let i = 0; i < JITTER_CHANNELS; i++) z[step * size + JITTER_AT + i] = random.uniform(-1, 1);
    free.forEach((value, i) => {
      z[step * size + FREE_AT + i] = value;
    });
  }
  return z;
}
