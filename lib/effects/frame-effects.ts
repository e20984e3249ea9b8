import type { FrameMotion, Geometry, Staging } from '../motion/frame-scalars.ts';
import type { Plates } from '../pipeline/raster/types.ts';
import { Random } from '../random.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { focusLines, type Point } from './focus-lines.ts';
import { speedLines } from './speed-lines.ts';
import { drawStroke, type Stroke } from './strokes.ts';

/** Paper that a line keeps free on either side, pixels of a frame of 512: what makes it stand out from tones and black. */
const HALO = 1.2;
/** Of small frames, pixels. */
const LEAST_HALO = 0.7;

export type EffectSettings = Pick<ClipSettings, 'focusLines' | 'speedLines' | 'hold' | 'seed'>;

/** Where the focal point is seen, in pixels of the frame: the camera's inverse, at the depth that stays. */
function seenAt({ focal }: Staging, motion: FrameMotion, { frame, canvas }: Geometry): Point {
  const grown = 1 + motion.dolly / 2;
  const scale = motion.zoom / (1 - motion.dolly / 2);
  const x = (focal.x / grown - motion.panX) * canvas.width * scale;
  const y = (focal.y / grown - motion.panY) * canvas.height * scale;
  const [cos, sin] = [Math.cos(motion.rotation), Math.sin(motion.rotation)];
  return { x: cos * x + sin * y + (frame.width - 1) / 2, y: -sin * x + cos * y + (frame.height - 1) / 2 };
}

/** White on black: what was ink is paper, tones and colours are gone. */
function invert({ grey, line, tone, colour }: Plates): void {
  if (grey) {
    for (let i = 0; i < grey.length; i++) grey[i] = 255 - grey[i]!;
    return;
  }
  for (let i = 0; i < line!.length; i++) line![i] = 255 - Math.max(line![i]!, tone![i]!);
  tone!.fill(0);
  colour?.fill(255);
}

/**
 * Draws focus lines, speed lines and the flash over a rendered frame. Lines are fixed to the frame and not to the picture, and
 * drawn anew every third frame (every second, when drawings are held for two), as by hand.
 * @param t the frame; the same seed and frame give the same lines
 */
export function drawEffects(
  plates: Plates,
  motion: FrameMotion,
  t: number,
  geometry: Geometry,
  settings: EffectSettings,
): void {
  const { staging } = motion;
  if (!staging) return;
  const { width, height } = geometry.frame;
  const drawing = Math.floor(t / (settings.hold === 2 ? 2 : 3));
  const random = new Random(settings.seed ^ Math.imul(drawing + 1, 0x85ebca6b));
  const focal = seenAt(staging, motion, geometry);
  const strokes: Stroke[] = [];
  if (settings.speedLines > 0) {
    strokes.push(...speedLines(random, width, height, focal, staging.heading, settings.speedLines));
  }
  if (settings.focusLines > 0) strokes.push(...focusLines(random, width, height, focal, settings.focusLines));
  const halo = Math.max(LEAST_HALO, (HALO * Math.min(width, height)) / 512);
  for (const stroke of strokes) {
    const round = { ...stroke, start: stroke.start && stroke.start + halo, end: stroke.end && stroke.end + halo };
    drawStroke(plates, width, height, round, 'white');
  }
  for (const stroke of strokes) drawStroke(plates, width, height, stroke, 'black');
  if (staging.flash) invert(plates);
}
