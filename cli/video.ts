import path from 'node:path';
import * as z from 'zod';
import { modelFolder } from '../lib/checkpoint/shipped.ts';
import { MangaError } from '../lib/errors/manga-error.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { outputSchema } from '../lib/settings/settings.ts';
import { videoSchema } from '../lib/video/settings.ts';
import { detailHelp, formatHelp, sessionHelp, styleHelp } from './clip-help.ts';
import { inSession } from './in-session.ts';
import { parseOptions } from './schema-options.ts';
import { styleOption, stylePage } from './style-page.ts';
import { formatOf, writeFrames } from './write-frames.ts';

const help = `motion-manga video <video> --out <path> [options]

  Draws a video frame by frame; lines, tones and dots go with what they belong to. Reads GIF and animated WebP, and
  with ffmpeg mp4, mov, mkv, webm and more. mp4 and webm keep the sound when ffmpeg writes them.

  --out PATH            the clip: .mp4, .webm, .gif, .webp, or with --format png a folder of frames
${formatHelp('')}
  --size N | WxH        long side, or width and height (cut to that shape): 512
  --fps N               frames a second: 0, as in the video
  --steady N            how much of a drawing is carried on, 0 (each frame by itself) to 1: 0.85
${styleHelp}
${detailHelp('1 (each frame costs its square)')}
${sessionHelp}
  --json                one JSON line on stdout

Exit code: 0 written, 1 failed, 2 an option is wrong, 130 cancelled.
`;

const schema = videoSchema.extend({
  out: z.string().min(1),
  format: outputSchema.shape.format.unwrap().optional(),
  encoder: outputSchema.shape.encoder,
  quality: outputSchema.shape.quality,
  engine: sessionSchema.shape.engine,
  model: sessionSchema.shape.model,
  style: styleOption,
});

/** `motion-manga video`. @returns exit code. @throws MangaError */
export async function video(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(schema, args);
  if (!parsed) {
    process.stdout.write(help);
    return 0;
  }
  const { inputs, json } = parsed;
  const { out, format: asked, encoder, quality, engine, model, style, ...settings } = parsed.options;
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) throw new MangaError('BAD_SETTING', 'Which video? Give one path.');
  const format = formatOf(out, asked);
  return inSession({ engine, model: model && modelFolder(model) }, async (session) => {
    const arena = await session.openArena(path.basename(input));
    const page = await stylePage(session, arena, style, settings.styleBlend);
    const frames = await session.openVideo(arena, path.resolve(input), settings, page);
    const written = await writeFrames(session, frames, { path: path.resolve(out), format, encoder, quality });
    if (json) process.stdout.write(`${JSON.stringify({ input, ...written })}\n`);
  });
}
