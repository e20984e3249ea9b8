import { Random } from '../random.ts';
import type { ClipSettings } from '../settings/settings.ts';

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

const STILL: Controls = {
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

/** 'auto': every seed mixes one camera move, some depth and some life. */
function autoControls(random: Random): Controls {
  const sign = () => (random.uniform() < 0.5 ? -1 : 1);
  const move = random.int(5);
  const camera: Partial<Controls> = [
    { zoom: sign() * random.uniform(0.6, 1), panX: sign() * random.uniform(0.2, 0.6) },
    { panX: sign() * random.uniform(0.7, 1), zoom: random.uniform(0.1, 0.4) },
    { panY: sign() * random.uniform(0.6, 1), zoom: random.uniform(0.1, 0.5) },
    { orbit: sign() * random.uniform(0.7, 1), zoom: random.uniform(0, 0.3) },
    { zoom: random.uniform(0.5, 0.9), rotation: sign() * random.uniform(0.4, 0.9) },
  ][move]!;
  return {
    ...STILL,
    ...camera,
    parallax: sign() * random.uniform(0.3, 0.8),
    sway: random.uniform(0, 0.6),
    breathe: random.uniform(0.3, 0.8),
  };
}

/** The controls of a named motion; the seed chooses directions. */
export function controlsOf(motion: ClipSettings['motion'], amount: number, seed: number): Controls {
  const random = new Random(seed);
  const sign = random.uniform() < 0.5 ? -1 : 1;
  const named: Record<Exclude<ClipSettings['motion'], 'auto'>, Partial<Controls>> = {
    pan: { panX: sign },
    zoom: { zoom: 1 },
    dolly: { zoom: 0.8, parallax: 0.5 * sign },
    orbit: { orbit: sign },
    shake: { shake: 1 },
    parallax: { parallax: sign },
    sway: { sway: 1 },
    breathe: { breathe: 1 },
  };
  const controls = motion === 'auto' ? autoControls(random) : { ...STILL, ...named[motion] };
  for (const name of CONTROLS) controls[name] *= amount;
  return controls;
}

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
