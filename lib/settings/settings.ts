/**
 * Everything a user can set about a clip, in one place: the decoder node, the stylize node and the command line
 * validate with these schemas, and docs and forms take their ranges and defaults from here.
 */
import * as z from 'zod';
import { MangaError } from '../errors/manga-error.ts';

export const MOTIONS = [
  ...(['auto', 'pan', 'zoom', 'rotate', 'dolly', 'orbit'] as const),
  ...(['shake', 'parallax', 'sway', 'breathe'] as const),
] as const;
/** Where a motion goes; an angle in degrees may stand in place of a word, 0 right, 90 up. */
export const DIRECTIONS = ['auto', 'left', 'right', 'up', 'down', 'in', 'out'] as const;
export const EASINGS = ['linear', 'ease-in', 'ease-out', 'ease-in-out', 'overshoot'] as const;
export const LOOPS = ['none', 'ping-pong', 'seamless'] as const;
export const INKS = ['black', 'sepia', 'two-colour', 'keep-colours'] as const;
/** Checkpoints that ship. */
export const MODELS = ['ink', 'pencil', 'webtoon'] as const;
export const FORMATS = ['mp4', 'webm', 'gif', 'webp', 'png'] as const;

const sizePattern = /^\d{1,5}(x\d{1,5})?$/;
const directionPattern = new RegExp(`^(${DIRECTIONS.join('|')}|-?\\d{1,3}(\\.\\d+)?)$`);
/** 'auto', or two fractions 0..1 of the picture's width and height. */
const fraction = '(0|1|1\\.0*|0?\\.\\d+)';
const focalPattern = new RegExp(`^(auto|${fraction} *, *${fraction})$`);

/** How a photo is prepared for the encoder. */
export const drawSchema = z.object({
  /** Long side of the canvas, over which the camera moves, in output pixels; 0: it just covers the clip, and a camera that needs room comes closer. */
  canvas: z.coerce.number().int().min(0).max(4096).default(0),
  /** The clip's size, to choose the canvas from: 'N' (long side, the photo's shape) or 'WxH'. */
  size: z.coerce
    .string()
    .regex(sizePattern, 'must be a number (long side) or WIDTHxHEIGHT, e.g. 512 or 1920x1080')
    .default('512'),
  /**
   * The picture is drawn so many times as large as the canvas, and reduced: more makes finer strokes. Drawn larger than
   * 1280 pixels only when the canvas itself is.
   */
  detail: z.coerce.number().min(0.5).max(2).default(1.5),
  /** Draws with this shipped checkpoint, or with the session's. */
  model: z.enum(['session', ...MODELS]).default('session'),
});

export const clipSchema = drawSchema.extend({
  frames: z.coerce.number().int().min(1).max(600).default(24),
  fps: z.coerce.number().min(1).max(60).default(12),
  motion: z.enum(MOTIONS).default('auto'),
  /** 'auto': the seed chooses. pan, parallax: a side or an angle; zoom, dolly: in, out; rotate, orbit: left, right. */
  direction: z.coerce
    .string()
    .regex(directionPattern, `must be one of ${DIRECTIONS.join(', ')}, or an angle in degrees (0 right, 90 up)`)
    .default('auto'),
  /** How a motion runs from its beginning to its end. Seamless loops, orbit, shake, sway and breath have none. */
  easing: z.enum(EASINGS).default('ease-in-out'),
  /** What zoom, dolly, orbit and lines aim at: 'x,y' as fractions of the picture from its top left corner. */
  focal: z.coerce
    .string()
    .regex(focalPattern, "must be 'auto', or two fractions of the picture, x,y from 0 to 1, e.g. 0.5,0.4")
    .default('auto'),
  /** Strength of the motion; 1 is the usual, 0 stands still. */
  amount: z.coerce.number().min(0).max(2).default(1),
  /** Same seed, same bytes. */
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  loop: z.enum(LOOPS).default('none'),
  /** Lines along the motion, radial lines round the focal point: 0 none, 1 dense. */
  speedLines: z.coerce.number().min(0).max(1).default(0),
  focusLines: z.coerce.number().min(0).max(1).default(0),
  /** A hit at a third of the clip: one inverted drawing, and a shake that dies away. 0 none. */
  impact: z.coerce.number().min(0).max(1).default(0),
  /** Frames that each drawing is shown: 1 every frame anew, 2 "on twos", 3 "on threes". */
  hold: z.coerce.number().int().min(1).max(3).default(1),
  ink: z.enum(INKS).default('black'),
  /** Distance between screen dots in output pixels at zoom 1; 0: chosen from the size. */
  screenPeriod: z.coerce.number().min(0).max(64).default(0),
  /** Screen angle in degrees. */
  screenAngle: z.coerce.number().min(-90).max(90).default(45),
  /** Thickness of the ink lines; 1 as drawn. */
  lineWeight: z.coerce.number().min(0.3).max(2).default(1),
  /** How far the drawing follows the style page: 0 the checkpoint's own style, 1 the page's. */
  styleStrength: z.coerce.number().min(0).max(1).default(1),
  /** Of two style pages, the share of the second. */
  styleBlend: z.coerce.number().min(0).max(1).default(0.5),
});

export const outputSchema = z.object({
  path: z.string().min(1),
  format: z.enum(FORMATS).default('mp4'),
  /** 'auto' takes ffmpeg when it is found, else the built-in encoder (mp4, gif, webp, png need no ffmpeg; webm does). */
  encoder: z.enum(['auto', 'ffmpeg', 'built-in']).default('auto'),
  quality: z.coerce.number().min(1).max(100).default(80),
  /** Written into the file as its comment (mp4 and webm by ffmpeg, webp, png): how the clip was made. */
  comment: z.string().max(8000).optional(),
});

export const cameraSchema = z.array(
  z.object({
    zoom: z.number().positive().default(1),
    /** Radians. */
    rotation: z.number().default(0),
    /** Fractions of the canvas width and height. */
    panX: z.number().default(0),
    panY: z.number().default(0),
  }),
);

export type DrawSettings = z.infer<typeof drawSchema>;
export type ClipSettings = z.infer<typeof clipSchema>;
export type OutputSettings = z.infer<typeof outputSchema>;
/** The canvas point seen at frame point p (from the centre, output pixels, y down) is R(rotation)·p/zoom + (panX·width, panY·height). */
export type CameraMove = z.infer<typeof cameraSchema>[number];

/** Validates with a message for people. @throws MangaError BAD_SETTING naming each wrong field, its value and the allowed ones. */
export function parseSettings<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues
    .map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`)
    .join('; ');
  throw new MangaError('BAD_SETTING', `Wrong setting: ${details}.`);
}
