import type { Ops } from '../network/ops.ts';

/** How much more an ink pixel of the line layer counts than paper: lines cover a tenth of a page. */
const INK_WEIGHT = 4;

/**
 * Paired drawing loss: |line - line*| (1 + 4 line*) and |tone - tone*| for light, dark and black. L1 takes the median of
 * what is likely, so that a tone is decided on instead of averaged.
 * @param layers [B,H,W,4] drawn @param target [B,H,W,4] by the teacher, 0..1 @returns per-element loss [B,H,W,4]; the loss is its mean
 */
export function layerErrors<T extends object>(ops: Ops<T>, layers: T, target: T): T {
  const error = ops.abs(ops.sub(layers, target));
  const line = ops.mul(ops.channels(error, 0, 1), ops.affine(ops.channels(target, 0, 1), INK_WEIGHT, 1));
  return ops.concat([line, ops.channels(error, 1, 3)]);
}
