/** What a pixel's neighbourhood is known to be: bit c, channel c prints nothing there; bit 4+c, it prints fully. */
export type Mask = Uint8Array;

export const CHANNELS = 4;
/** Of a place that prints nothing, a full line, and a full black. */
export const PAPER = 0x0f;
export const LINE = 0x10;
export const BLACK = 0xe0;

/**
 * Marks every pixel whose four corners (itself, right, below, both) all print nothing, or all print fully, in a channel.
 * What is sampled between them then does so, too: interpolation stays within its corners.
 * @param layers [height,width,4] @param lineThreshold @param edgeGain the smallest of the clip
 */
export function maskOf(
  layers: Float32Array,
  width: number,
  height: number,
  lineThreshold: number,
  edgeGain: number,
): Mask {
  const pixels = new Uint8Array(width * height);
  const ramp = 0.5 / edgeGain;
  for (let i = 0, at = 0; i < pixels.length; i++) {
    let bits = 0;
    for (let c = 0; c < CHANNELS; c++, at++) {
      const over = layers[at]! - (c === 0 ? lineThreshold : 0.5);
      if (over <= -ramp) bits |= 1 << c;
      else if (over >= ramp) bits |= LINE << c;
    }
    pixels[i] = bits;
  }
  const mask = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const below = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x++, i++) {
      const right = x + 1 < width ? 1 : 0;
      mask[i] = pixels[i]! & pixels[i + right]! & pixels[i + below]! & pixels[i + below + right]!;
    }
  }
  return mask;
}
