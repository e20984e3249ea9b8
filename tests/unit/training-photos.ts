import type { NetworkConfig } from '../../lib/network/config.ts';
import { FLOW_BASES } from '../../lib/render/depth.ts';
import type { DrawnPhoto } from '../../lib/render/drawn-photo.ts';

export const TINY: NetworkConfig = {
  medium: 'screentone',
  widths: [4, 6, 8],
  encoderBlocks: 1,
  decoderBlocks: 1,
  style: 4,
  flowBases: FLOW_BASES,
  noise: 13,
  tcn: { channels: 16, levels: 2, kernel: 3 },
};

/**
 * A photo in which every pixel says where it is (red x, green y, blue x+y), so that a crop of it can be placed; its
 * drawing: a line every 16 pixels and a tone by quadrant, in two styles. At most 256 pixels wide and high.
 */
export function placedPhoto(width: number, height: number, file = 'placed.png'): DrawnPhoto {
  const each = <A extends Uint8Array>(
    out: A,
    channels: number,
    value: (x: number, y: number) => readonly number[],
  ): A => {
    for (let i = 0; i < out.length / channels; i++) out.set(value(i % width, Math.floor(i / width)), i * channels);
    return out;
  };
  const tones = [0, 85, 170, 255];
  const toneAt = (x: number, y: number) => tones[(x > width / 2 ? 1 : 0) + (y > height / 2 ? 2 : 0)]!;
  const drawing = (step: number) => ({
    width,
    height,
    line: each(new Uint8Array(width * height), 1, (x, y) => [x % step < 2 ? 255 - (y % 64) : 0]),
    tone: each(new Uint8Array(width * height), 1, (x, y) => [toneAt(x, y)]),
  });
  const small = { width: Math.ceil(width / 4), height: Math.ceil(height / 4) };
  const cells = Array.from(
    { length: small.width * small.height },
    (_, i) => [i % small.width, Math.floor(i / small.width)] as const,
  );
  return {
    file,
    width,
    height,
    rgb: each(new Uint8Array(width * height * 3), 3, (x, y) => [x, y, (x + y) / 2]),
    drawings: [drawing(16), drawing(8)],
    targets: {
      ...small,
      disparity: Uint8Array.from(cells, ([x, y]) => 2 * x + y),
      subject: Uint8Array.from(cells, ([x, y]) =>
        Math.hypot(x / small.width - 0.4, y / small.height - 0.6) < 0.3 ? 255 : 0,
      ),
    },
  };
}
