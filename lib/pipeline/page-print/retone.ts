import type { Size } from '../../motion/geometry.ts';
import { toLab } from '../../render/colour.ts';
import { boxBlur } from '../../render/gaussian.ts';
import { CHANNELS } from '../raster/mask.ts';
import type { Pixels } from '../types.ts';
import { logOdds, oddsShare, type PrintAim } from './steer-print.ts';

/** Tones are moved on a grid of so many drawn pixels: shapes are soft at that size, and it costs little. */
const CELL = 4;
/** Fields of the tones, in order of {@link CEILING}. */
const TONES = [1, 2, 3] as const;
/** What is brighter (CIE L / 100; warm colours count as lighter) is not newly toned light, dark, black: no face becomes solid. */
const CEILING = [0.8, 0.58, 0.45] as const;
/** How much lighter warm colours count, by their chroma: of every shade of skin there are photos that must not turn black. */
const WARMTH = 0.7;
/** How much of the photo's brightness, beside the network's own fields, says what is toned next. */
const BY_LIGHT = 0.8;
/** How much what lies within so many cells: shapes shrink from their edges, and grow there. */
const BY_PLACE = 0.4;
const NEAR = 3;
/** How steeply brighter than the ceiling counts against it. */
const FORBIDDEN = 4;
/** Solid black and toned area at most, and how far black may grow from what it is. */
const [MOST_BLACK, MOST_TONED] = [0.36, 0.72];
const BLACK_GROWTH = { times: 2.5, more: 0.09 };
/** Of the way to the page in log-odds, what is gone: the rest is the photo's. */
const SHARE_OF_WAY = 0.85;
/** A change smaller than this share of the drawing is left. */
const LEAST_CHANGE = 0.003;
/** How steep the cut is on the grid, and once more between its cells. */
const STEEP = 8;
const ROUND = 2.5;
const CRISP = 4;
const BINS = 512;

interface Grid extends Size {
  /** Fields of the tones, averaged over cells, 0..1. */
  readonly tones: readonly Float32Array[];
  /** How light each cell looks, 0..1. */
  readonly light: Float32Array;
}

function clip(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

/** How light each cell looks: warm colours lighter than they are, as to the teacher (render/draw.ts), and more so. */
function lightOf(picture: Pixels, width: number, height: number): Float32Array {
  const small = new Uint8Array(width * height * 3);
  const [lastX, lastY] = [picture.width - 1, picture.height - 1];
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        // Four of a cell's sixteen: what is left of grain is blurred next.
        for (let k = 0; k < 4; k++) {
          const px = Math.min(x * CELL + 2 * (k & 1), lastX);
          const py = Math.min(y * CELL + (k & 2), lastY);
          sum += picture.data[(py * picture.width + px) * 3 + c]!;
        }
        small[out++] = sum >> 2;
      }
    }
  }
  const { l, a, b } = toLab({ width, height, data: small });
  for (let i = 0; i < l.length; i++) {
    l[i]! += WARMTH * Math.max(0, 0.57 * a[i]! + 0.82 * b[i]!) + 0.1 * Math.hypot(a[i]!, b[i]!);
  }
  const calm = boxBlur(boxBlur(l, width, height, 1), width, height, 1);
  // Beside something bright a cell stays bright: tones must not reach over outlines.
  for (let i = 0; i < l.length; i++) calm[i] = Math.max(calm[i]!, l[i]!);
  return calm;
}

/** The drawing on the grid, and the share of it that each tone covers. */
function gridOf(
  layers: Float32Array,
  size: Size,
  picture: Pixels,
): Grid & { readonly cover: [number, number, number] } {
  const [width, height] = [size.width / CELL, size.height / CELL];
  const tones = TONES.map(() => new Float32Array(width * height));
  const [light, dark, black] = tones as [Float32Array, Float32Array, Float32Array];
  const cover: [number, number, number] = [0, 0, 0];
  for (let y = 0, at = 0; y < size.height; y++) {
    const row = (y >> 2) * width;
    for (let x = 0; x < size.width; x++, at += CHANNELS) {
      const cell = row + (x >> 2);
      const [l, d, b] = [layers[at + 1]!, layers[at + 2]!, layers[at + 3]!];
      if (l > 0) light[cell]! += l < 1 ? l : 1;
      if (d > 0) dark[cell]! += d < 1 ? d : 1;
      if (b > 0) black[cell]! += b < 1 ? b : 1;
      if (l > 0.5) cover[0]++;
      if (d > 0.5) cover[1]++;
      if (b > 0.5) cover[2]++;
    }
  }
  for (const tone of tones) for (let i = 0; i < tone.length; i++) tone[i]! /= CELL ** 2;
  for (let k = 0; k < 3; k++) cover[k]! /= size.width * size.height;
  return { width, height, tones, light: lightOf(picture, width, height), cover };
}

/** What the tones are to cover: at least light, at least dark, black. Half the strength goes half the way. */
function aimedCover(own: readonly [number, number, number], aim: PrintAim): [number, number, number] {
  const toward = (share: number, odds: number) => {
    const full = oddsShare(logOdds(share) + SHARE_OF_WAY * (odds - logOdds(share)));
    return share + aim.strength * (full - share);
  };
  const [light, dark, black] = own;
  const growth = black * BLACK_GROWTH.times + BLACK_GROWTH.more;
  const blacker = Math.min(toward(black, aim.black), Math.max(black, Math.min(MOST_BLACK, growth)));
  const toned = Math.min(toward(Math.max(light - black, 0), aim.toned), MOST_TONED);
  const darker = toward(light > black ? clip((dark - black) / (light - black)) : 0, aim.dark);
  return [blacker + toned, blacker + darker * toned, blacker];
}

/** How much each cell asks for a tone. */
function wishOf({ tones, light, width, height }: Grid, k: number): Float32Array {
  const wish = tones[k]!.slice();
  const around = boxBlur(boxBlur(wish, width, height, NEAR), width, height, NEAR);
  for (let i = 0; i < wish.length; i++) {
    wish[i]! += BY_PLACE * around[i]! + BY_LIGHT * (1 - light[i]!) - FORBIDDEN * Math.max(0, light[i]! - CEILING[k]!);
  }
  return wish;
}

/** Value that a share of the cells lies above. */
function cutAt(wish: Float32Array, share: number): number {
  const [least, most] = [-1, 1 + BY_PLACE + BY_LIGHT];
  const histogram = new Uint32Array(BINS);
  for (const value of wish) histogram[Math.round(clip((value - least) / (most - least)) * (BINS - 1))]!++;
  const wanted = share * wish.length;
  let above = 0;
  for (let bin = BINS - 1; bin >= 0; bin--) {
    const here = histogram[bin]!;
    // Within the bin, too: a cut that jumps from bin to bin would show what differs in a sum's last digit.
    if (here > 0 && above + here >= wanted)
      return least + ((bin + 0.5 - Math.max(wanted - above, 0) / here) / (BINS - 1)) * (most - least);
    above += here;
  }
  return least;
}

/** Cells where the tone lies, 0..1, cut at a share of them; outlines are rounded, and what is smaller than a cell or two goes. */
function shapesOf(grid: Grid, k: number, share: number): Float32Array {
  const wish = wishOf(grid, k);
  // Where nothing more may be toned, nothing is, whatever the share: not even the soft edge of a shape.
  const cut = Math.max(cutAt(wish, share), BY_LIGHT * (1 - CEILING[k]!) + 0.5 / STEEP);
  const hard = wish.map((value) => clip(0.5 + STEEP * (value - cut)));
  const soft = boxBlur(hard, grid.width, grid.height, 1);
  return soft.map((value) => clip(0.5 + ROUND * (value - 0.5)));
}

/**
 * Moves the shares of a drawing's tones towards a page's. Where it takes more, shapes are added where the network's field is nearly
 * there and the photo dark; where less, those stay where both are strongest. Edges that the network drew stay.
 * @param layers [height,width,4] of screentone or pencil; changed in place @param picture the photo at the layers' size, without padding
 */
export function retone(layers: Float32Array, size: Size, picture: Pixels, aim: PrintAim): void {
  const grid = gridOf(layers, size, picture);
  const wanted = aimedCover(grid.cover, aim);
  const changes = TONES.flatMap((channel, k) => {
    const more = wanted[k]! - grid.cover[k]!;
    if (Math.abs(more) < LEAST_CHANGE) return [];
    return [{ channel, larger: more > 0, shapes: shapesOf(grid, k, wanted[k]!) }];
  });
  // From the middle of a cell to the middle of the next, in both directions; the first and last cells reach to the border.
  for (let row = -1; row < grid.height; row++) {
    for (let column = -1; column < grid.width; column++) {
      let changed = false;
      for (const change of changes) if (merge(layers, grid, change, row, column)) changed = true;
      if (changed) nest(layers, grid, row, column);
    }
  }
}

/** Pixels between the middles of a cell and the next, along one side of the drawing. */
function between(cell: number, cells: number): [number, number] {
  return [Math.max(cell * CELL + CELL / 2, 0), Math.min((cell + 1) * CELL + CELL / 2, cells * CELL)];
}

/** The larger of a field and shapes on the grid, or the smaller, between four cells. @returns whether it may have changed */
function merge(
  layers: Float32Array,
  { width, height }: Size,
  { channel, larger, shapes }: { channel: number; larger: boolean; shapes: Float32Array },
  row: number,
  column: number,
): boolean {
  const above = Math.max(row, 0) * width;
  const below = Math.min(row + 1, height - 1) * width;
  const left = Math.max(column, 0);
  const right = Math.min(column + 1, width - 1);
  const [a, b, c, d] = [shapes[above + left]!, shapes[above + right]!, shapes[below + left]!, shapes[below + right]!];
  // All paper changes nothing that grows, all ink nothing that shrinks: most of a drawing.
  if (larger ? Math.max(a, b, c, d) === 0 : Math.min(a, b, c, d) === 1) return false;
  const [firstX, endX] = between(column, width);
  const [firstY, endY] = between(row, height);
  for (let y = firstY; y < endY; y++) {
    const fy = (y - row * CELL - (CELL - 1) / 2) / CELL;
    const [from, to] = [a + fy * (c - a), b + fy * (d - b)];
    for (let x = firstX, at = (y * width * CELL + x) * CHANNELS + channel; x < endX; x++, at += CHANNELS) {
      const shape = clip(0.5 + CRISP * (from + ((x - column * CELL - (CELL - 1) / 2) / CELL) * (to - from) - 0.5));
      if (larger ? shape > layers[at]! : shape < layers[at]!) layers[at] = shape;
    }
  }
  return true;
}

/** Black is at least dark, dark at least light. */
function nest(layers: Float32Array, { width, height }: Size, row: number, column: number): void {
  const [firstX, endX] = between(column, width);
  const [firstY, endY] = between(row, height);
  for (let y = firstY; y < endY; y++) {
    for (let x = firstX, at = (y * width * CELL + x) * CHANNELS; x < endX; x++, at += CHANNELS) {
      if (layers[at + 2]! < layers[at + 3]!) layers[at + 2] = layers[at + 3]!;
      if (layers[at + 1]! < layers[at + 2]!) layers[at + 1] = layers[at + 2]!;
    }
  }
}
