import { CONTROLS, FREE_AT, JITTER_AT } from '../motion/controls.ts';
import type { Random } from '../random.ts';

/** z of a random clip: a few controls at work, the others off, as users set them. @returns [steps, noise] */
export function randomPath(random: Random, steps: number, noise: number): Float32Array {
  const z = new Float32Array(steps * noise);
  const constant = Array.from({ length: noise }, (_, i) => {
    if (i >= FREE_AT) return random.normal();
    return i < CONTROLS.length && random.uniform() < 0.45 ? random.uniform(-2, 2) : 0;
  });
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < noise; i++) {
      z[step * noise + i] = i >= JITTER_AT && i < FREE_AT ? random.uniform(-1, 1) : constant[i]!;
    }
  }
  return z;
}
