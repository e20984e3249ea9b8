import { FLOW_STEP, type Scalar } from '../../network/blocks/render-frames.ts';
import type { RasterDrawing, RasterFrame } from './types.ts';

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

/** Displacement along one row of pixels, from the coarse grid: shares are the row's place between two of its rows. */
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

/** Where the pixels of each row of a frame look, in warp coordinates (-1..1 from first to last drawn pixel). */
export class Coordinates {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Where the screen is looked up: the same place, unless the drawing displaces it. */
  readonly screenX: Float64Array;
  readonly screenY: Float64Array;
  readonly #screen: Float32Array | undefined;
  readonly #frame: RasterFrame;
  readonly #flow: Float32Array | null;
  readonly #flowRow: Float32Array;
  readonly #columns: ReturnType<typeof coarseAxis>;
  readonly #rows: ReturnType<typeof coarseAxis>;
  readonly #scalar: (name: Scalar) => number;

  constructor(drawing: RasterDrawing, frame: RasterFrame, scalar: (name: Scalar) => number, weights: Float32Array) {
    this.x = new Float64Array(frame.width);
    this.y = new Float64Array(frame.width);
    this.#screen = drawing.screen;
    this.screenX = drawing.screen ? new Float64Array(frame.width) : this.x;
    this.screenY = drawing.screen ? new Float64Array(frame.width) : this.y;
    this.#frame = frame;
    this.#scalar = scalar;
    this.#flow = drawing.fields ? coarseFlow(drawing, frame, scalar, weights) : null;
    this.#columns = coarseAxis(frame.width);
    this.#rows = coarseAxis(frame.height);
    this.#flowRow = new Float32Array((this.#columns.last + 1) * 2);
  }

  /** Fills x and y for one row of pixels. */
  row(row: number): void {
    const { x, y } = this;
    const flow = this.#flow;
    const flowRow = this.#flowRow;
    const { cell: cells, share: shares, last } = this.#columns;
    const rows = this.#rows;
    const xx = this.#scalar('xx');
    const yx = this.#scalar('yx');
    const py = row - (this.#frame.height - 1) / 2;
    const startX = this.#scalar('xy') * py + this.#scalar('x0');
    const startY = this.#scalar('yy') * py + this.#scalar('y0');
    const centreX = (this.#frame.width - 1) / 2;
    for (let column = 0; column < x.length; column++) {
      const px = column - centreX;
      x[column] = xx * px + startX;
      y[column] = yx * px + startY;
    }
    const displace = (grid: Float32Array, intoX: Float64Array, intoY: Float64Array): void => {
      blendRows(grid, rows.cell[row]!, rows.share[row]!, last + 1, rows.last, flowRow);
      for (let column = 0; column < x.length; column++) {
        const cell = cells[column]! * 2;
        const next = last > 0 ? cell + 2 : cell;
        const share = shares[column]!;
        intoX[column] = x[column]! + flowRow[cell]! + share * (flowRow[next]! - flowRow[cell]!);
        intoY[column] = y[column]! + flowRow[cell + 1]! + share * (flowRow[next + 1]! - flowRow[cell + 1]!);
      }
    };
    if (flow) displace(flow, x, y);
    if (this.#screen) displace(this.#screen, this.screenX, this.screenY);
  }
}
