import type { Pixels } from '../pipeline/types.ts';

/** CIE L*a*b* (D65) planes, row-major: `l` 0..1 (L/100), `a` and `b` on the same scale (a/100, b/100). */
export interface Lab {
  readonly width: number;
  readonly height: number;
  readonly l: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

const linear = Float32Array.from({ length: 256 }, (_, v) => {
  const s = v / 255;
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
});

const cubeRootSteps = 4096;
/** The compressing function f of CIE Lab over 0..1. */
const compressed = Float32Array.from({ length: cubeRootSteps + 2 }, (_, i) => {
  const t = i / cubeRootSteps;
  return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
});

function compress(t: number): number {
  const position = t * cubeRootSteps;
  const i = Math.min(cubeRootSteps, position | 0);
  return compressed[i] + (compressed[i + 1] - compressed[i]) * (position - i);
}

/** Converts CIE Lab (D65) to sRGB, clipped. @returns interleaved, width*height*3 bytes */
export function toRgb({ width, height, l, a, b }: Lab): Uint8Array {
  const n = width * height;
  const out = new Uint8Array(3 * n);
  const expand = (t: number) => (t > 6 / 29 ? t * t * t : (116 * t - 16) * (27 / 24389));
  const encode = (v: number) =>
    255 * (v <= 0.0031308 ? 12.92 * Math.max(v, 0) : 1.055 * Math.min(v, 1) ** (1 / 2.4) - 0.055) + 0.5;
  for (let i = 0, p = 0; i < n; i++, p += 3) {
    const fy = (l[i] + 0.16) / 1.16;
    const x = 0.95047 * expand(fy + a[i] / 5);
    const y = expand(fy);
    const z = 1.08883 * expand(fy - b[i] / 2);
    out[p] = encode(3.2404542 * x - 1.5371385 * y - 0.4985314 * z);
    out[p + 1] = encode(-0.969266 * x + 1.8760108 * y + 0.041556 * z);
    out[p + 2] = encode(0.0556434 * x - 0.2040259 * y + 1.0572252 * z);
  }
  return out;
}

/** Converts sRGB to CIE Lab, white point D65. @param rgb interleaved, width*height*3 bytes */
export function toLab(rgb: Pixels): Lab {
  const { width, height, data } = rgb;
  const n = width * height;
  const l = new Float32Array(n);
  const a = new Float32Array(n);
  const b = new Float32Array(n);
  for (let i = 0, p = 0; i < n; i++, p += 3) {
    const red = linear[data[p]];
    const green = linear[data[p + 1]];
    const blue = linear[data[p + 2]];
    const x = compress((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047);
    const y = compress(0.2126729 * red + 0.7151522 * green + 0.072175 * blue);
    const z = compress((0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883);
    l[i] = 1.16 * y - 0.16;
    a[i] = 5 * (x - y);
    b[i] = 2 * (y - z);
  }
  return { width, height, l, a, b };
}
