/**
 * The operations that network blocks are written against. Two interpreters implement them: TensorFlow.js (trains and
 * runs) and the ONNX writer (records a graph). Blocks see images as [batch, height, width, channels] ("BHWC") and never
 * touch the memory layout, so that the ONNX interpreter may keep channels first.
 *
 * Only add an op that every interpreter can do with a gradient in TensorFlow.js, and add its parity case in
 * tests/parity/ops.test.ts and its PyTorch/NumPy golden.
 */
export interface Ops<T extends object> {
  // ---- images, [B,H,W,C] ----
  /**
   * 2-D convolution, padding "SAME upper": output size ceil(size/stride), the odd pixel of padding goes after.
   * @param filter [kh, kw, inChannels, outChannels]
   * @param bias [outChannels] or null
   */
  conv2d(x: T, filter: T, bias: T | null, stride: 1 | 2): T;
  /** Joins images along channels. */
  concat(xs: readonly T[]): T;
  /** Channels begin..begin+size of an image. */
  channels(x: T, begin: number, size: number): T;
  /** Doubles height and width, nearest neighbour. */
  upsample2(x: T): T;
  /** Enlarges by an integer factor, bilinear, half-pixel centres, edges clamped. */
  enlarge(x: T, factor: number): T;
  /** [B,H,W,4C] -> [B,2H,2W,C]; input channel (dy*2+dx)*C+c goes to pixel (2y+dy, 2x+dx), channel c. */
  pixelShuffle2(x: T): T;
  /** [B,H,W,C] -> [B,H/2,W/2,4C]; inverse of pixelShuffle2. H and W even. */
  spaceToDepth2(x: T): T;
  /** Mean over height and width: [B,H,W,C] -> [B,C]. */
  globalMean(x: T): T;
  /** (x - mean) / sqrt(variance + 1e-5) per image and channel (Ulyanov 2016), no affine part. */
  instanceNorm(x: T): T;
  /** x * scale + shift per image and channel (FiLM, Perez 2018). @param scale [B,C] @param shift [B,C] */
  scaleShift(x: T, scale: T, shift: T): T;
  /**
   * Bilinear sampling. @param image [B,H,W,C] @param coords [B,h,w,2], (x,y) in -1..1: -1 is the centre of the first
   * pixel, +1 the centre of the last (align_corners); outside is clamped to the border. @returns [B,h,w,C]
   */
  warp(image: T, coords: T): T;
  /** [B*T,H,W,1] -> [B,T*H,W,1]: frames of one clip stacked into one tall image, so that one warp serves all. */
  stackFrames(x: T, frames: number): T;
  /** [B,T*H,W,1] -> [B*T,H,W,1]; inverse of stackFrames. */
  unstackFrames(x: T, frames: number): T;
  /** Frames begin..begin+size of each clip: [B*T,H,W,C] -> [B*size,H,W,C]. @param frames T */
  sliceFrames(x: T, frames: number, begin: number, size: number): T;
  /** [N] scalars -> [N,1,1,1], to broadcast over images. */
  perImage(x: T): T;

  // ---- vectors and sequences, [B,C] and [B,T,C] ----
  /** x·w + b over the last axis. @param w [in, out] @param b [out] or null */
  dense(x: T, w: T, b: T | null): T;
  /**
   * Causal dilated 1-D convolution (Bai et al. 2018): y_t = b + sum_j w_j · x_{t-(k-1-j)*dilation}, zeros before the start.
   * @param x [B,T,inC] @param w [k, inC, outC] @param b [outC]
   */
  causalConv1d(x: T, w: T, b: T, dilation: number): T;
  /** [B*T,C] -> [B,T,C]: vectors of one clip's frames, one after another, as a sequence. @param frames T */
  toSteps(x: T, frames: number): T;
  /** Mean over steps: [B,T,C] -> [B,C]. */
  meanSteps(x: T): T;
  /** [B,C] -> [B,T,C], the same vector at every step, where T is that of `like` [B,T,*]. */
  repeatSteps(x: T, like: T): T;
  /** Joins vectors or sequences along the last axis. */
  concatLast(xs: readonly T[]): T;
  /** Elements begin..begin+size of the last axis of [B,C] or [B,T,C]. */
  sliceLast(x: T, begin: number, size: number): T;
  /** The column `index` of [N,P] as [N]. */
  column(x: T, index: number): T;

  // ---- element by element, numpy broadcasting between equal ranks ----
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  min(a: T, b: T): T;
  max(a: T, b: T): T;
  /** a*scale + offset with plain numbers. */
  affine(a: T, scale: number, offset: number): T;
  clip(x: T, low: number, high: number): T;
  abs(x: T): T;
  exp(x: T): T;
  sqrt(x: T): T;
  sin(x: T): T;
  cos(x: T): T;
  tanh(x: T): T;
  sigmoid(x: T): T;
  relu(x: T): T;
  leakyRelu(x: T, slope: number): T;
  /** x - floor(x + .5): the signed distance to the nearest integer, -.5..+.5. For periodic patterns. */
  wrap(x: T): T;
  /** round(clip(x,0,1)*255) as uint8. Only as the last op of a program. */
  toBytes(x: T): T;
}
