/**
 * What each op of {@link Ops} means, in plain loops over channels-last arrays of float64: slow, independent of every
 * library, and simple enough to check by reading.
 */
import type { Ops } from '../../lib/network/ops.ts';

export interface Reference {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Fills a tensor from a function of the indices. */
function fill(shape: readonly number[], value: (...index: number[]) => number): Reference {
  const data = new Float64Array(count(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = value(...index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, data };
}

function at({ shape, data }: Reference, ...index: number[]): number {
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (index[axis] < 0 || index[axis] >= shape[axis]) throw new Error(`[${index}] is outside [${shape}]`);
    offset = offset * shape[axis] + index[axis];
  }
  return data[offset];
}

const map = (x: Reference, f: (value: number) => number): Reference => ({ shape: x.shape, data: x.data.map(f) });
const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

function zip(a: Reference, b: Reference, f: (a: number, b: number) => number): Reference {
  const shape = a.shape.map((size, i) => Math.max(size, b.shape[i]));
  const pick = (x: Reference, index: number[]) => at(x, ...index.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)));
  return fill(shape, (...index) => f(pick(a, index), pick(b, index)));
}

function joinLast(xs: readonly Reference[]): Reference {
  const sizes = xs.map((x) => x.shape.at(-1) ?? 0);
  return fill([...xs[0].shape.slice(0, -1), sizes.reduce((a, b) => a + b)], (...index) => {
    let last = index.at(-1) ?? 0;
    let which = 0;
    while (last >= sizes[which]) last -= sizes[which++];
    return at(xs[which], ...index.slice(0, -1), last);
  });
}

function takeLast(x: Reference, begin: number, size: number): Reference {
  return fill([...x.shape.slice(0, -1), size], (...index) =>
    at(x, ...index.slice(0, -1), begin + index[index.length - 1]),
  );
}

/** Between pixels y and x (fractional, clamped to the image), weighted by distance. */
function between(image: Reference, b: number, y: number, x: number, c: number): number {
  const [, height, width] = image.shape;
  const cy = clamp(y, 0, height - 1);
  const cx = clamp(x, 0, width - 1);
  let sum = 0;
  for (const row of [Math.floor(cy), Math.floor(cy) + 1]) {
    for (const column of [Math.floor(cx), Math.floor(cx) + 1]) {
      const weight = (1 - Math.abs(cy - row)) * (1 - Math.abs(cx - column));
      if (weight > 0) sum += weight * at(image, b, row, column, c);
    }
  }
  return sum;
}

export const referenceOps: Ops<Reference> = {
  conv2d(x, filter, bias, stride) {
    const [batch, height, width, inC] = x.shape;
    const [kh, kw, , outC] = filter.shape;
    const out = [Math.ceil(height / stride), Math.ceil(width / stride)];
    const before = (kernel: number, size: number, outSize: number) =>
      Math.floor(Math.max((outSize - 1) * stride + kernel - size, 0) / 2);
    const top = before(kh, height, out[0]);
    const left = before(kw, width, out[1]);
    return fill([batch, ...out, outC], (b, y, column, o) => {
      let sum = bias ? at(bias, o) : 0;
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const sy = y * stride + i - top;
          const sx = column * stride + j - left;
          if (sy < 0 || sy >= height || sx < 0 || sx >= width) continue;
          for (let c = 0; c < inC; c++) sum += at(x, b, sy, sx, c) * at(filter, i, j, c, o);
        }
      }
      return sum;
    });
  },
  concat: joinLast,
  channels: takeLast,
  upsample2(x) {
    const [batch, height, width, channels] = x.shape;
    return fill([batch, 2 * height, 2 * width, channels], (b, y, column, c) => at(x, b, y >> 1, column >> 1, c));
  },
  enlarge(x, factor) {
    const [batch, height, width, channels] = x.shape;
    return fill([batch, height * factor, width * factor, channels], (b, y, column, c) =>
      between(x, b, (y + 0.5) / factor - 0.5, (column + 0.5) / factor - 0.5, c),
    );
  },
  pixelShuffle2(x) {
    const [batch, height, width, channels] = x.shape;
    return fill([batch, 2 * height, 2 * width, channels / 4], (b, y, column, c) =>
      at(x, b, y >> 1, column >> 1, ((y % 2) * 2 + (column % 2)) * (channels / 4) + c),
    );
  },
  spaceToDepth2(x) {
    const [batch, height, width, channels] = x.shape;
    return fill([batch, height / 2, width / 2, 4 * channels], (b, y, column, c) => {
      const quarter = Math.floor(c / channels);
      return at(x, b, 2 * y + (quarter >> 1), 2 * column + (quarter % 2), c % channels);
    });
  },
  globalMean(x) {
    const [batch, height, width, channels] = x.shape;
    return fill([batch, channels], (b, c) => {
      let sum = 0;
      for (let y = 0; y < height; y++) for (let column = 0; column < width; column++) sum += at(x, b, y, column, c);
      return sum / (height * width);
    });
  },
  instanceNorm(x) {
    const mean = referenceOps.globalMean(x);
    const squares = referenceOps.globalMean(map(x, (value) => value * value));
    return fill(x.shape, (b, y, column, c) => {
      const m = at(mean, b, c);
      return (at(x, b, y, column, c) - m) / Math.sqrt(at(squares, b, c) - m * m + 1e-5);
    });
  },
  scaleShift: (x, scale, shift) =>
    fill(x.shape, (b, y, column, c) => at(x, b, y, column, c) * at(scale, b, c) + at(shift, b, c)),
  warp(image, coords) {
    const [batch, height, width] = coords.shape;
    const [, sourceHeight, sourceWidth, channels] = image.shape;
    return fill([batch, height, width, channels], (b, y, column, c) => {
      const sx = ((at(coords, b, y, column, 0) + 1) / 2) * (sourceWidth - 1);
      const sy = ((at(coords, b, y, column, 1) + 1) / 2) * (sourceHeight - 1);
      return between(image, b, sy, sx, c);
    });
  },
  stackFrames(x, frames) {
    const [images, height, width] = x.shape;
    return fill([images / frames, frames * height, width, 1], (b, y, column) =>
      at(x, b * frames + Math.floor(y / height), y % height, column, 0),
    );
  },
  unstackFrames(x, frames) {
    const [batch, tall, width] = x.shape;
    const height = tall / frames;
    return fill([batch * frames, height, width, 1], (image, y, column) =>
      at(x, Math.floor(image / frames), (image % frames) * height + y, column, 0),
    );
  },
  sliceFrames(x, frames, begin, size) {
    const [images, height, width, channels] = x.shape;
    return fill([(images / frames) * size, height, width, channels], (image, y, column, c) =>
      at(x, Math.floor(image / size) * frames + begin + (image % size), y, column, c),
    );
  },
  perImage: (x) => ({ shape: [x.shape[0], 1, 1, 1], data: x.data }),

  dense(x, w, b) {
    return fill([...x.shape.slice(0, -1), w.shape[1]], (...index) => {
      const out = index[index.length - 1];
      let sum = b ? at(b, out) : 0;
      for (let i = 0; i < w.shape[0]; i++) sum += at(x, ...index.slice(0, -1), i) * at(w, i, out);
      return sum;
    });
  },
  causalConv1d(x, w, b, dilation) {
    const [batch, steps, inC] = x.shape;
    const [kernel, , outC] = w.shape;
    return fill([batch, steps, outC], (image, t, o) => {
      let sum = at(b, o);
      for (let j = 0; j < kernel; j++) {
        const from = t - (kernel - 1 - j) * dilation;
        if (from < 0) continue;
        for (let c = 0; c < inC; c++) sum += at(x, image, from, c) * at(w, j, c, o);
      }
      return sum;
    });
  },
  toSteps: (x, frames) => ({ shape: [x.shape[0] / frames, frames, x.shape[1]], data: x.data }),
  meanSteps(x) {
    const [batch, steps, channels] = x.shape;
    return fill([batch, channels], (b, c) => {
      let sum = 0;
      for (let t = 0; t < steps; t++) sum += at(x, b, t, c);
      return sum / steps;
    });
  },
  repeatSteps: (x, like) => fill([x.shape[0], like.shape[1], x.shape[1]], (b, _, c) => at(x, b, c)),
  concatLast: joinLast,
  sliceLast: takeLast,
  column: (x, index) => fill([x.shape[0]], (n) => at(x, n, index)),

  add: (a, b) => zip(a, b, (x, y) => x + y),
  sub: (a, b) => zip(a, b, (x, y) => x - y),
  mul: (a, b) => zip(a, b, (x, y) => x * y),
  div: (a, b) => zip(a, b, (x, y) => x / y),
  min: (a, b) => zip(a, b, Math.min),
  max: (a, b) => zip(a, b, Math.max),
  affine: (a, scale, offset) => map(a, (value) => value * scale + offset),
  clip: (x, low, high) => map(x, (value) => clamp(value, low, high)),
  abs: (x) => map(x, Math.abs),
  exp: (x) => map(x, Math.exp),
  sqrt: (x) => map(x, Math.sqrt),
  sin: (x) => map(x, Math.sin),
  cos: (x) => map(x, Math.cos),
  tanh: (x) => map(x, Math.tanh),
  sigmoid: (x) => map(x, (value) => 1 / (1 + Math.exp(-value))),
  relu: (x) => map(x, (value) => Math.max(value, 0)),
  leakyRelu: (x, slope) => map(x, (value) => (value < 0 ? slope * value : value)),
  wrap: (x) => map(x, (value) => value - Math.floor(value + 0.5)),
  toBytes: (x) => map(x, (value) => Math.round(clamp(value, 0, 1) * 255)),
};
