/**
 * Frames to planar YUV 4:2:0, limited range (Y 16..235, chroma 16..240), as H.264 players expect when a stream says
 * nothing about its colours: ITU-R BT.709 from 720 lines up, BT.601 below.
 */
const lumaOfGrey = Uint8Array.from({ length: 256 }, (_, grey) => Math.round(16 + (grey * 219) / 255));

/** Bytes of one frame. Width and height even. */
export function yuv420Length(width: number, height: number): number {
  return (width * height * 3) / 2;
}

/**
 * @param grey [height, width]
 * @param yuv [1.5 * height, width], written
 */
export function greyToYuv420(grey: Uint8Array, yuv: Uint8Array): void {
  for (let i = 0; i < grey.length; i++) yuv[i] = lumaOfGrey[grey[i]!]!;
  yuv.fill(128, grey.length);
}

/**
 * Chroma is the mean of each 2x2 pixels.
 * @param rgb [height, width, 3]
 * @param yuv [1.5 * height, width], written
 */
export function rgbToYuv420(rgb: Uint8Array, width: number, height: number, yuv: Uint8Array): void {
  const [kr, kb] = height >= 720 ? [0.2126, 0.0722] : [0.299, 0.114];
  const kg = 1 - kr - kb;
  // 16-bit fixed point; + .5 rounds.
  const fixed = (value: number): number => Math.round(value * 65536);
  const [yr, yg, yb] = [kr, kg, kb].map((k) => fixed((k * 219) / 255)) as [number, number, number];
  const blue = 224 / 255 / (2 * (1 - kb)) / 4;
  const red = 224 / 255 / (2 * (1 - kr)) / 4;
  const [ur, ug, ub] = [-kr, -kg, 1 - kb].map((k) => fixed(k * blue)) as [number, number, number];
  const [vr, vg, vb] = [1 - kr, -kg, -kb].map((k) => fixed(k * red)) as [number, number, number];
  const lumaZero = fixed(16.5);
  const chromaZero = fixed(128.5);
  const uAt = width * height;
  const vAt = uAt + uAt / 4;
  let chroma = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let i = 0; i < 4; i++) {
        const pixel = (y + (i >> 1)) * width + x + (i & 1);
        const pr = rgb[pixel * 3]!;
        const pg = rgb[pixel * 3 + 1]!;
        const pb = rgb[pixel * 3 + 2]!;
        yuv[pixel] = (yr * pr + yg * pg + yb * pb + lumaZero) >> 16;
        r += pr;
        g += pg;
        b += pb;
      }
      yuv[uAt + chroma] = (ur * r + ug * g + ub * b + chromaZero) >> 16;
      yuv[vAt + chroma] = (vr * r + vg * g + vb * b + chromaZero) >> 16;
      chroma++;
    }
  }
}
