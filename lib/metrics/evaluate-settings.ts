import * as z from 'zod';
import { MangaError } from '../errors/manga-error.ts';
import { type ClipSettings, clipSchema, parseSettings } from '../settings/settings.ts';
import { SK5 } from './sk5.ts';

/** What of a clip an evaluation lets the user choose: `motion-manga evaluate` and the node manga-metrics. */
export const evaluationShape = {
  ...clipSchema.pick({
    ...({ canvas: true, detail: true, size: true, frames: true, motion: true, amount: true, seed: true } as const),
    ...({ ink: true, screenPeriod: true, screenAngle: true, lineWeight: true } as const),
  }).shape,
  /** Seeds that the diversity compares; 0 leaves it out. */
  seeds: z.coerce.number().int().min(0).max(64).default(8),
};

const schema = z.strictObject(evaluationShape);

/** Without a camera: small enough for optical flow between many frames. */
const USUAL = { size: 256, frames: 16 } as const;

/**
 * The clips that are measured.
 * @param camera the protocol SK5-cam: square clips on a square canvas
 * @param chosen what differs from the usual
 * @throws MangaError BAD_SETTING naming each wrong field
 */
export function evaluationSettings(
  camera: boolean,
  chosen: Readonly<Record<string, unknown>>,
): { readonly clip: ClipSettings; readonly seeds: number } {
  const { seeds, ...clip } = parseSettings(schema, { ...(camera ? SK5 : USUAL), ...chosen });
  if (camera && (clip.size.includes('x') || clip.canvas === 0)) {
    const hint = 'Give canvas and size as one number each.';
    throw new MangaError('BAD_SETTING', 'The known camera draws square clips on a square canvas.', hint);
  }
  const size = camera ? `${clip.size}x${clip.size}` : clip.size;
  return { clip: parseSettings(clipSchema, { ...clip, size }), seeds };
}
