import path from 'node:path';
import * as z from 'zod';
import { modelFolder } from '../lib/checkpoint/shipped.ts';
import { MangaError } from '../lib/errors/manga-error.ts';
import { directionOf } from '../lib/motion/direction.ts';
import { drawPanel } from '../lib/scenes/draw-panel.ts';
import { panelSizes } from '../lib/scenes/panel-sizes.ts';
import {
  ENDINGS,
  ENTRANCES,
  LAYOUTS,
  panelSchema,
  READING_DIRECTIONS,
  sceneSchema,
  TRANSITIONS,
} from '../lib/scenes/settings.ts';
import { sessionSchema } from '../lib/session/options.ts';
import type { Handle } from '../lib/session/types.ts';
import { clipSchema, outputSchema } from '../lib/settings/settings.ts';
import { detailHelp, formatHelp, motionHelp, sessionHelp, styleHelp } from './clip-help.ts';
import { inSession } from './in-session.ts';
import { parseOptions } from './schema-options.ts';
import { styleOption, stylePage } from './style-page.ts';
import { formatOf, writeFrames } from './write-frames.ts';

const help = `motion-manga scene <photo...> --out <path> [options]

  Draws photos as the moving panels of one clip, in the order given.

  --out PATH            the clip: .mp4, .webm, .gif, .webp, or with --format png a folder of frames
${formatHelp('')}
  --layout LAYOUT       ${LAYOUTS.join(', ')}
                        (single: one panel fills the frame; page: pages of 2 to 4 panels, by how many there are)
  --transition NAME     ${TRANSITIONS.join(', ')} (default: wipe)
  --transition-seconds N  0.5
  --direction WHERE     ${READING_DIRECTIONS.join(', ')}
  --border N            thickness of panel borders and of the white between: 1, 0 none
  --stagger N           seconds between the beginnings of a page's panels: 0.4
  --entrance HOW        ${ENTRANCES.join(', ')}: a page's panels are all there from its first frame, or come in turn
  --ending HOW          ${ENDINGS.join(', ')}: a panel that is over moves on until its page goes, or rests
  --size N | WxH        long side, or width and height of the scene (single: as the first photo, 512; pages: 724x1024)
  --frames N --fps N    of each panel: 24 frames, 12 a second
${motionHelp('--motion-direction')}
  --seed N              of the first panel; each following takes the next: 1
${styleHelp}
${detailHelp()}
${sessionHelp}
  --json                one JSON line on stdout

Exit code: 0 written, 1 failed, 2 an option is wrong, 130 cancelled.
`;

const { direction: motionDirection, model: _ofTheSession, ...clip } = panelSchema.shape;

const schema = z.object({
  ...clip,
  ...sceneSchema.shape,
  motionDirection,
  out: z.string().min(1),
  format: outputSchema.shape.format.unwrap().optional(),
  encoder: outputSchema.shape.encoder,
  quality: outputSchema.shape.quality,
  engine: sessionSchema.shape.engine,
  model: sessionSchema.shape.model,
  style: styleOption,
});

/** `motion-manga scene`. @returns exit code. @throws MangaError */
export async function scene(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(schema, args);
  if (!parsed) {
    process.stdout.write(help);
    return 0;
  }
  const { inputs, json, options } = parsed;
  if (inputs.length === 0) throw new MangaError('BAD_SETTING', 'Which photos? Give their paths.');
  const { out, encoder, quality, engine, model, style, motionDirection } = options;
  directionOf({ motion: options.motion, direction: motionDirection });
  const format = formatOf(out, options.format);
  return inSession({ engine, model: model && modelFolder(model) }, async (session) => {
    const arena = await session.openArena('scene');
    const page = await stylePage(session, arena, style, options.styleBlend);
    const panels: Handle[] = [];
    const sizes = panelSizes(inputs.length, options);
    for (const [index, input] of inputs.entries()) {
      const [, height, width] = panels[0]?.shape ?? [];
      const size = sizes?.[index] ?? (width ? `${width}x${height}` : options.size || '512');
      const drawing = { size, direction: motionDirection, seed: options.seed + index, model: 'session' };
      const clip = clipSchema.parse({ ...options, ...drawing });
      panels.push(await drawPanel(session, arena, { path: path.resolve(input) }, clip, page));
    }
    const composed = await session.compose(arena, panels, options);
    const written = await writeFrames(session, composed, { path: path.resolve(out), format, encoder, quality });
    if (json) process.stdout.write(`${JSON.stringify({ inputs, ...written })}\n`);
  });
}
