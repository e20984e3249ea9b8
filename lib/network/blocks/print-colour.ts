import type { Ops } from '../ops.ts';

/** Luma of sRGB values (ITU-R BT.601). */
export const LUMA = [0.299, 0.587, 0.114] as const;

/** Flat colours as grey darkness, 0..1: what the discriminator and grey inks see. @param rgb red, green, blue, meant for 0..1 */
export function colourTone<T extends object>(ops: Ops<T>, rgb: readonly T[]): T {
  const light = rgb
    .map((channel, i) => ops.affine(ops.clip(channel, 0, 1), LUMA[i]!, 0))
    .reduce((total, part) => ops.add(total, part));
  return ops.affine(light, -1, 1);
}
