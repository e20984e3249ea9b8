import path from 'node:path';
import { parseArgs } from 'node:util';
import type * as z from 'zod';
import { MangaError } from '../lib/errors/manga-error.ts';
import type { FolderEvaluation } from '../lib/metrics/evaluate-folder.ts';
import { evaluationSettings, evaluationShape } from '../lib/metrics/evaluate-settings.ts';
import { SK5 } from '../lib/metrics/sk5.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { INKS, MOTIONS, parseSettings } from '../lib/settings/settings.ts';

export const evaluateHelp = `motion-manga evaluate --photos FOLDER [--pages FOLDER] [options]

  --photos FOLDER       pictures to draw and measure on; may be given more than once
  --pages FOLDER        manga pages (a folder a title, or one title) for the set distance
  --camera              the protocol SK5-cam: known zoom, pan and shake over a canvas of ${SK5.canvas}, ${SK5.frames} frames of ${SK5.size}
  --features FILE       feature network, ONNX, with the layers of Tiny Darknet: the small one of this package
  --peer FOLDER         another program's pictures, to measure beside ours: <photo>/drawing.png (${'512'} px wide)
                        and <photo>/<move>/frame_0001.png ...; may be given more than once
  --seeds N             seeds for the diversity: 8; 0 leaves it out
  --json                the whole result as JSON on stdout
  --report FILE         an HTML page with contact sheets
  --model NAME|FOLDER   a checkpoint: the one that comes with the package
  --engine ENGINE       auto, onnx, tensorflow, webgpu
  --canvas N --detail N --size N | WxH --frames N --motion MOTION --amount N --seed N
  --ink INK --style PICTURE --screen-period N --screen-angle DEGREES --line-weight N
                        as motion-manga stylize has them (MOTION: ${MOTIONS.join(', ')}; INK: ${INKS.join(', ')})

Exit code: 0 measured, 1 failed, 2 an option is wrong, 130 cancelled.
`;

const shape = { ...evaluationShape, engine: sessionSchema.shape.engine };

export interface EvaluateOptions extends FolderEvaluation {
  readonly json: boolean;
  readonly model: string;
  readonly engine: z.infer<typeof sessionSchema>['engine'];
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const names = Object.keys(shape);

/**
 * @returns undefined when help was asked for
 * @throws MangaError BAD_SETTING naming the option; ERR_PARSE_ARGS_* of node:util
 */
export function parseEvaluateArgs(args: readonly string[]): EvaluateOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(names.map((name) => [dashed(name), text])),
      photos: { ...text, multiple: true },
      peer: { ...text, multiple: true },
      pages: text,
      features: text,
      model: text,
      style: text,
      report: text,
      camera: flag,
      json: flag,
      help: { ...flag, short: 'h' },
    },
    allowPositionals: true,
  });
  if (values.help) return undefined;
  if (positionals.length > 0) throw wrong(`What is ${positionals[0]}?`, 'Folders follow --photos, --pages or --peer.');
  if (!values.photos?.length) throw wrong('Which photos?', 'Give --photos FOLDER.');
  const given = values as Readonly<Record<string, unknown>>;
  const { engine, ...chosen } = Object.fromEntries(
    names.flatMap((name) => (given[dashed(name)] === undefined ? [] : [[name, given[dashed(name)]]])),
  );
  const camera = values.camera === true;
  const at = (name: string | undefined) => (name === undefined ? null : path.resolve(name));
  return {
    photos: values.photos.map((folder) => path.resolve(folder)),
    pages: at(values.pages),
    camera,
    features: at(values.features),
    peers: (values.peer ?? []).map((folder) => path.resolve(folder)),
    json: values.json === true,
    report: at(values.report),
    model: values.model ?? '',
    ...parseSettings(sessionSchema.pick({ engine: true }), { engine }),
    style: at(values.style),
    ...evaluationSettings(camera, chosen),
  };
}

function wrong(message: string, hint: string): MangaError {
  return new MangaError('BAD_SETTING', message, hint);
}
