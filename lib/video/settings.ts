/** What a user can set about a drawn video: node, command line and session validate with this schema. */
import * as z from 'zod';
import { clipSchema } from '../settings/settings.ts';

export const videoSchema = z.object({
  /** 'N' (long side, the video's shape) or 'WxH' (cut to that shape). */
  size: clipSchema.shape.size,
  /** Frames a second; 0: as in the video, at most 60. */
  fps: z.coerce.number().min(0).max(60).default(0),
  /** How much of a drawing is carried on to the next frame where the motion is known, 0 (each frame by itself) to 1. */
  steady: z.coerce.number().min(0).max(1).default(0.85),
  /**
   * The network draws so many times as large as the frames, never over 1280 pixels, and the drawing is reduced: finer strokes for as
   * many times the work squared. Photos are drawn at 1.5; of a video each frame is.
   */
  detail: z.coerce.number().min(0.5).max(2).default(1),
  styleStrength: clipSchema.shape.styleStrength,
  styleBlend: clipSchema.shape.styleBlend,
  ink: clipSchema.shape.ink,
  screenPeriod: clipSchema.shape.screenPeriod,
  screenAngle: clipSchema.shape.screenAngle,
  lineWeight: clipSchema.shape.lineWeight,
});

export type VideoSettings = z.infer<typeof videoSchema>;
