import type { Drawing } from './draw.ts';

export interface ComposeOptions {
  /** Distance between screen dots, px. 4..6 suits a page shown at its own size. */
  readonly screenPeriod: number;
  readonly screenAngleDeg: number;
  /** Soft edges everywhere, as the network sees them in training. Default: crisp, anti-aliased. */
  readonly soft?: boolean;
}

/** Screen threshold of the tone levels 0, 85, 170, 255 (0, 22, 50, 100 % ink); values between are interpolated. */
const thresholds = [1, 0.711, 0.5, 0];

/** Brightness that a tone level asks of the screen: dots are where the screen function exceeds it. @param level 0..255 */
export function screenThreshold(level: number): number {
  const position = level / 85;
  const k = Math.min(2, Math.floor(position));
  return thresholds[k] + (thresholds[k + 1] - thresholds[k]) * (position - k);
}

/**
 * A grey page, 0 black .. 255 white: the darker of line and screened tone. The screen is .5 + .25(cos u + cos v) with u
 * and v along the screen's axes, thresholded per tone level; white and black stay unscreened.
 * @returns width*height bytes
 */
export function compose(drawing: Drawing, options: ComposeOptions): Uint8Array {
  const { width, height, line, tone } = drawing;
  const { screenPeriod, screenAngleDeg, soft = false } = options;
  const wave = (2 * Math.PI) / screenPeriod;
  const cos = wave * Math.cos((screenAngleDeg * Math.PI) / 180);
  const sin = wave * Math.sin((screenAngleDeg * Math.PI) / 180);
  const out = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      let paper = 1;
      const level = tone[i];
      if (level >= 255) paper = 0;
      else if (level > 0) {
        const u = x * cos + y * sin;
        const v = y * cos - x * sin;
        const away = screenThreshold(level) - (0.5 + 0.25 * (Math.cos(u) + Math.cos(v)));
        if (soft) paper = 1 / (1 + Math.exp(-12 * away));
        else {
          // Distance to the dot's edge in px (value over slope) gives the pixel's share of paper.
          const slope = 0.25 * wave * Math.hypot(Math.sin(u), Math.sin(v));
          paper = Math.min(1, Math.max(0, 0.5 + away / Math.max(slope, 1e-3)));
        }
      }
      // The stored edge rises by half its range per px: twice as steep covers exactly one px.
      const covered = line[i] / 255;
      const ink = soft ? covered : Math.min(1, Math.max(0, 2 * covered - 0.5));
      out[i] = Math.round(255 * Math.min(paper, 1 - ink));
    }
  }
  return out;
}
