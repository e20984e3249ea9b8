import type { Size } from '../motion/geometry.ts';
import { turnPage } from './page-turn.ts';
import type { SceneSettings } from './settings.ts';

/** Two pictures on the way from one to the other. */
export interface Change {
  /** [height,width,channels] */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly size: Size;
  readonly channels: 1 | 3;
  /** 0 before .. 1 after. */
  readonly progress: number;
  readonly rightToLeft: boolean;
  /** Of a panel, and the white between two, pixels. */
  readonly border: number;
  readonly gutter: number;
}

/** Which pixel of which picture stands at a place, or a grey of its own. x is counted in reading direction from right to left. */
export type Place = (x: number, y: number) => { readonly from: 'before' | 'after'; readonly at: number } | number;

/** Slant of the wiping edge, as a fraction of the height. */
const SLANT = 0.14;

/** A slanted gutter sweeps over the frame in reading direction, the next panel behind it. */
function wipe({ size: { width, height }, progress, border, gutter }: Change): Place {
  const slant = SLANT * height;
  return (x, y) => {
    const edge = width + slant + gutter - progress * (width + 2 * (slant + gutter)) + slant * (1 - (2 * y) / height);
    const distance = Math.abs(x - edge);
    if (distance < gutter / 2) return 255;
    if (distance < gutter / 2 + border) return 0;
    return { from: x > edge ? 'after' : 'before', at: y * width + x };
  };
}

/** The camera moves on to the next panel, which lies beside the last one in reading direction. */
function push({ size: { width }, progress, gutter }: Change): Place {
  const gap = Math.round(gutter);
  const moved = Math.round(progress * (width + gap));
  return (x, y) => {
    const at = x - moved;
    if (at >= 0) return { from: 'before', at: y * width + at };
    return at >= -gap ? 255 : { from: 'after', at: y * width + at + width + gap };
  };
}

const TRANSITIONS: Readonly<Record<Exclude<SceneSettings['transition'], 'cut'>, (change: Change) => Place>> = {
  wipe,
  push,
  'page-turn': turnPage,
};

/** @returns [height,width,channels] */
export function drawTransition(name: keyof typeof TRANSITIONS, change: Change): Uint8Array {
  const { before, after, size, channels, rightToLeft } = change;
  const { width, height } = size;
  const place = TRANSITIONS[name](change);
  const out = new Uint8Array(before.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const found = place(rightToLeft ? x : width - 1 - x, y);
      for (let c = 0; c < channels; c++, i++) {
        if (typeof found === 'number') out[i] = found;
        else {
          const column = found.at % width;
          const at = rightToLeft ? found.at : found.at - column + (width - 1 - column);
          out[i] = (found.from === 'before' ? before : after)[at * channels + c]!;
        }
      }
    }
  }
  return out;
}
