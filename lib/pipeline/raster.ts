import { FLOW_STEP, SCALARS, SCREEN_OFFSET, SCREEN_THRESHOLD, type Scalar } from '../network/blocks/render-frames.ts';

/*
 * The frame renderer of network/blocks/render-frames.ts as a plain loop over pixels, for clips: the same formulas, tested
 * to agree. Most of a drawing is clean paper, solid ink or an even tone, which a graph of whole-plane operations computes
 * as dearly as its edges; a loop looks first. Two to four times as fast as the graph on a processor, and the same bytes
 * whatever the engine.
 */

/** What a pixel's neighbourhood is known to be: bit c, channel c prints nothing there; bit 4+c, it prints fully. */
type Mask = Uint8Array;

/** Layers of a drawing as the engine gave them, and what is known of them beforehand. */
export interface RasterDrawing {
  readonly width: number;
  readonly height: number;
  /** [height,width,4]: line, light, dark, black. */
  readonly layers: Float32Array;
  readonly mask: Mask;
  /** [height/4,width/4,1+2K], or null when the camera alone moves. */
  readonly fields: Float32Array | null;
  /** [height,width,3] bytes, for inks that keep the photo's colours. */
  readonly colours: Uint8Array | null;
  /** [height/4,width/4,2] of the frame, rounded up: what is added to a place before its dots are looked up, in warp coordinates. */
  readonly screen?: Float32Array;
}

export interface RasterFrame {
  readonly width: number;
  readonly height: number;
}

/** Plates of one frame: coverage of line and tone, 0..255, and colours. With `grey` alone: 255 paper, 0 ink. */
export interface Plates {
  readonly grey: Uint8Array | null;
  readonly line: Uint8Array | null;
  readonly tone: Uint8Array | null;
  readonly colour: Uint8Array | null;
}

const CHANNELS = 4;
/** Masks of a place that prints nothing, a full line, a full tone. */
const PAPER = 0x0f;
const LINE = 0x10;
const BLACK = 0xe0;

/**
 * Marks every pixel whose four corners (itself, right, below, both) all print nothing, or all print fully, in a channel.
 * What is sampled between them then does so, too: interpolation stays within its corners.
 * @param lineThreshold @param edgeGain the smallest of the clip
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
      else if (over >= ramp) bits |= 16 << c;
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

/**
 * Displacement on the coarse grid of a frame, in warp coordinates.
 * @returns [rows, columns, 2], rows and columns of FLOW_STEP pixels
 */
function coarseFlow(
  drawing: RasterDrawing,
  frame: RasterFrame,
  scalar: (name: Scalar) => number,
  weights: Float32Array,
): Float32Array {
  const [xx, xy, originX] = [scalar('xx'), scalar('xy'), scalar('x0')];
  const [yx, yy, originY] = [scalar('yx'), scalar('yy'), scalar('y0')];
  const fields = drawing.fields!;
  const width = drawing.width / FLOW_STEP;
  const height = drawing.height / FLOW_STEP;
  const channels = fields.length / (width * height);
  const columns = Math.ceil(frame.width / FLOW_STEP);
  const rows = Math.ceil(frame.height / FLOW_STEP);
  const flow = new Float32Array(rows * columns * 2);
  const [parallaxX, parallaxY, dolly] = [scalar('parallaxX'), scalar('parallaxY'), scalar('dolly')];
  for (let row = 0, out = 0; row < rows; row++) {
    const py = row * FLOW_STEP + (FLOW_STEP - 1) / 2 - (frame.height - 1) / 2;
    for (let column = 0; column < columns; column++, out += 2) {
      const px = column * FLOW_STEP + (FLOW_STEP - 1) / 2 - (frame.width - 1) / 2;
      const qx = xx * px + xy * py + originX;
      const qy = yx * px + yy * py + originY;
      const x = Math.min(Math.max(((qx + 1) * (width - 1)) / 2, 0), width - 1);
      const y = Math.min(Math.max(((qy + 1) * (height - 1)) / 2, 0), height - 1);
      const x0 = Math.min(Math.floor(x), Math.max(width - 2, 0));
      const y0 = Math.min(Math.floor(y), Math.max(height - 2, 0));
      const [fx, fy] = [x - x0, y - y0];
      const at = (y0 * width + x0) * channels;
      const right = width > 1 ? channels : 0;
      const below = height > 1 ? width * channels : 0;
      const sample = (c: number) => {
        const top = fields[at + c]! + fx * (fields[at + right + c]! - fields[at + c]!);
        const bottom = fields[at + below + c]! + fx * (fields[at + below + right + c]! - fields[at + below + c]!);
        return top + fy * (bottom - top);
      };
      const disparity = sample(0);
      let dx = disparity * (parallaxX + dolly * qx);
      let dy = disparity * (parallaxY + dolly * qy);
      for (let k = 0; k < weights.length; k++) {
        if (k % 2 === 0) dx += weights[k]! * sample(1 + k);
        else dy += weights[k]! * sample(1 + k);
      }
      flow[out] = dx;
      flow[out + 1] = dy;
    }
  }
  return flow;
}

/** Where along an axis of the coarse grid a pixel lies: the cell before it and the share of the one after. */
function coarseAxis(side: number): { cell: Int32Array; share: Float32Array; last: number } {
  const last = Math.ceil(side / FLOW_STEP) - 1;
  const cell = new Int32Array(side);
  const share = new Float32Array(side);
  for (let i = 0; i < side; i++) {
    const at = Math.min(Math.max((i + 0.5) / FLOW_STEP - 0.5, 0), last);
    cell[i] = Math.min(Math.floor(at), Math.max(last - 1, 0));
    share[i] = at - cell[i]!;
  }
  return { cell, share, last };
}

/** A parabola arch for cos(2 pi u), as in render-frames. */
function arch(u: number): number {
  const x = 1 - 4 * Math.abs(u - Math.floor(u + 0.5));
  return x * (2 - Math.abs(x));
}

/**
 * Renders one frame.
 * @param scalars the frame's row of SCALARS @param weights the frame's flow weights, [2K]
 * @param plates buffers to fill: `grey`, or `line` and `tone` and perhaps `colour`
 */
export function rasterise(
  drawing: RasterDrawing,
  frame: RasterFrame,
  scalars: Float32Array,
  weights: Float32Array,
  plates: Plates,
): void {
  const scalar = (name: Scalar) => scalars[SCALARS.indexOf(name)]!;
  const { width, height, layers, mask } = drawing;
  const [xx, xy, x0, yx, yy, y0] = (['xx', 'xy', 'x0', 'yx', 'yy', 'y0'] as const).map(scalar) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [ux, uy, u0, vx, vy, v0] = (
    ['screenUX', 'screenUY', 'screenU0', 'screenVX', 'screenVY', 'screenV0'] as const
  ).map(scalar) as [number, number, number, number, number, number];
  const [edgeGain, lineThreshold, screenGain] = [scalar('edgeGain'), scalar('lineThreshold'), scalar('screenGain')];
  const flow = drawing.fields ? coarseFlow(drawing, frame, scalar, weights) : null;
  const columns = coarseAxis(frame.width);
  const rows = coarseAxis(frame.height);
  const flowRow = new Float32Array((columns.last + 1) * 2);
  const { screen } = drawing;
  const screenRow = new Float32Array(screen ? flowRow.length : 0);
  const halfX = (width - 1) / 2;
  const halfY = (height - 1) / 2;
  const lastX = Math.max(width - 2, 0);
  const lastY = Math.max(height - 2, 0);
  const right = width > 1 ? CHANNELS : 0;
  const below = height > 1 ? width * CHANNELS : 0;
  const { grey, line: linePlate, tone: tonePlate, colour: colourPlate } = plates;
  // Loop constants by name: what is read through an object is read again for every pixel.
  const { cell: cells, share: shares, last: lastColumn } = columns;
  const frameWidth = frame.width;
  const centreX = (frameWidth - 1) / 2;
  const maxX = width - 1;
  const maxY = height - 1;

  for (let row = 0, out = 0; row < frame.height; row++) {
    const py = row - (frame.height - 1) / 2;
    if (flow) blendRows(flow, rows.cell[row]!, rows.share[row]!, columns.last + 1, rows.last, flowRow);
    if (screen) blendRows(screen, rows.cell[row]!, rows.share[row]!, columns.last + 1, rows.last, screenRow);
    const startX = xy * py + x0;
    const startY = yy * py + y0;
    for (let column = 0; column < frameWidth; column++, out++) {
      const px = column - centreX;
      let qx = xx * px + startX;
      let qy = yx * px + startY;
      if (flow) {
        const cell = cells[column]! * 2;
        const next = lastColumn > 0 ? cell + 2 : cell;
        const share = shares[column]!;
        qx += flowRow[cell]! + share * (flowRow[next]! - flowRow[cell]!);
        qy += flowRow[cell + 1]! + share * (flowRow[next + 1]! - flowRow[cell + 1]!);
      }
      const x = Math.min(Math.max((qx + 1) * halfX, 0), maxX);
      const y = Math.min(Math.max((qy + 1) * halfY, 0), maxY);
      const cellX = Math.min(x | 0, lastX);
      const cellY = Math.min(y | 0, lastY);
      const known = mask[cellY * width + cellX]!;
      if (grey) {
        // Three quarters of a drawing: clean paper, or solid ink.
        if ((known & PAPER) === PAPER) {
          grey[out] = 255;
          continue;
        }
        if (known & LINE || (known & BLACK) === BLACK) {
          grey[out] = 0;
          continue;
        }
      }
      const fx = x - cellX;
      const fy = y - cellY;
      const at = (cellY * width + cellX) * CHANNELS;

      let line = 0;
      if (known & LINE) line = 1;
      else if (!(known & 1)) {
        const top = layers[at]! + fx * (layers[at + right]! - layers[at]!);
        const bottom = layers[at + below]! + fx * (layers[at + below + right]! - layers[at + below]!);
        line = Math.min(Math.max((top + fy * (bottom - top) - lineThreshold) * edgeGain + 0.5, 0), 1);
      }
      let threshold = 0;
      let offset = 0;
      for (let c = 1; c < CHANNELS; c++) {
        if (known & (1 << c)) continue;
        let cover = 1;
        if (!(known & (LINE << c))) {
          const i = at + c;
          const top = layers[i]! + fx * (layers[i + right]! - layers[i]!);
          const bottom = layers[i + below]! + fx * (layers[i + below + right]! - layers[i + below]!);
          cover = Math.min(Math.max((top + fy * (bottom - top) - 0.5) * edgeGain + 0.5, 0), 1);
        }
        threshold += SCREEN_THRESHOLD[c - 1]! * cover;
        offset += SCREEN_OFFSET[c - 1]! * cover;
      }
      let tone = 0;
      if (threshold > 0) {
        if (screen) {
          const cell = cells[column]! * 2;
          const next = lastColumn > 0 ? cell + 2 : cell;
          const share = shares[column]!;
          qx += screenRow[cell]! + share * (screenRow[next]! - screenRow[cell]!);
          qy += screenRow[cell + 1]! + share * (screenRow[next + 1]! - screenRow[cell + 1]!);
        }
        const distance = 0.5 - 0.25 * (arch(ux * qx + uy * qy + u0) + arch(vx * qx + vy * qy + v0));
        tone = Math.min(Math.max((threshold - distance) * screenGain + offset, 0), 1);
      }
      if (grey) grey[out] = (1 - Math.max(line, tone)) * 255 + 0.5;
      else {
        linePlate![out] = line * 255 + 0.5;
        tonePlate![out] = tone * 255 + 0.5;
      }
      if (colourPlate) sampleColour(drawing.colours!, at / CHANNELS, width, height, fx, fy, colourPlate, out * 3);
    }
  }
}

function blendRows(
  flow: Float32Array,
  row: number,
  share: number,
  columns: number,
  last: number,
  into: Float32Array,
): void {
  const from = row * columns * 2;
  const next = last > 0 ? from + columns * 2 : from;
  for (let i = 0; i < columns * 2; i++) into[i] = flow[from + i]! + share * (flow[next + i]! - flow[from + i]!);
}

function sampleColour(
  colours: Uint8Array,
  pixel: number,
  width: number,
  height: number,
  fx: number,
  fy: number,
  into: Uint8Array,
  out: number,
): void {
  const at = pixel * 3;
  const right = width > 1 ? 3 : 0;
  const below = height > 1 ? width * 3 : 0;
  for (let c = 0; c < 3; c++) {
    const top = colours[at + c]! + fx * (colours[at + right + c]! - colours[at + c]!);
    const bottom = colours[at + below + c]! + fx * (colours[at + below + right + c]! - colours[at + below + c]!);
    into[out + c] = top + fy * (bottom - top) + 0.5;
  }
}
