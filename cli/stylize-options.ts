import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { modelFolder } from '../lib/checkpoint/shipped.ts';
import { MangaError } from '../lib/errors/manga-error.ts';
import { directionOf } from '../lib/motion/direction.ts';
import { sessionSchema } from '../lib/session/options.ts';
import {
  type CameraMove,
  type ClipSettings,
  cameraSchema,
  clipSchema,
  type OutputSettings,
  outputSchema,
} from '../lib/settings/settings.ts';
import { detailHelp, formatHelp, motionHelp, sessionHelp, styleHelp } from './clip-help.ts';

export const stylizeHelp = `motion-manga stylize <photo... | folder> --out <path> [options]

  --out PATH            the clip, for one photo; otherwise a folder for the clips
${formatHelp(', else mp4')}
  --frames N --fps N    length and speed: 24 frames, 12 a second
  --size N | WxH        long side, or width and height: 512
${motionHelp()}
  --camera FILE         JSON: [{"zoom", "rotation", "panX", "panY"}, ...], one entry a frame; replaces --motion
  --seed N              same seed, same clip: 1
${styleHelp}
  --canvas N            long side of the canvas that the camera moves over: enough for the size
${detailHelp()}
${sessionHelp}
  --json                one JSON line a photo on stdout

Exit code: 0 every photo succeeded, 1 at least one failed, 2 an option is wrong, 130 cancelled.
`;

export interface StylizeOptions {
  readonly inputs: readonly string[];
  readonly out: string;
  /** Undefined: to be chosen from the end of `out`. */
  readonly format: OutputSettings['format'] | undefined;
  readonly clip: ClipSettings;
  readonly encoder: OutputSettings['encoder'];
  readonly quality: number;
  readonly engine: z.infer<typeof sessionSchema>['engine'];
  /** Name of a shipped checkpoint, or its folder; empty: the default one. */
  readonly model: string;
  /** Style pages, at most two. */
  readonly style: readonly string[];
  readonly camera: readonly CameraMove[] | undefined;
  readonly json: boolean;
}

const schema = z.object({
  ...clipSchema.shape,
  format: outputSchema.shape.format.unwrap().optional(),
  encoder: outputSchema.shape.encoder,
  quality: outputSchema.shape.quality,
  engine: sessionSchema.shape.engine,
  model: z.string().min(1).optional(),
  style: z.array(z.string().min(1)).max(2, 'at most two pages can be blended').default([]),
  camera: z.string().min(1).optional(),
});

/** 'screenPeriod' <-> 'screen-period' */
const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const valueOptions = new Set(Object.keys(schema.shape).map(dashed));

/** parseArgs takes the value of `--screen-angle -30` for an option. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? '';
    if (/^-\.?\d/.test(arg) && before.startsWith('--') && valueOptions.has(before.slice(2))) {
      joined[joined.length - 1] = `${before}=${arg}`;
    } else joined.push(arg);
  }
  return joined;
}

/** 'must be 1 to 600'; undefined: not a number between two limits. */
function range(name: keyof typeof schema.shape): string | undefined {
  const { type, minimum, maximum } = z.toJSONSchema(schema.shape[name]);
  if (minimum === undefined || maximum === undefined) return undefined;
  return `must be ${type === 'integer' ? 'a whole number, ' : ''}${minimum} to ${maximum}`;
}

function wrong(message: string, hint?: string): MangaError {
  return new MangaError('BAD_SETTING', message, hint);
}

async function readCamera(file: string): Promise<CameraMove[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw wrong(`--camera ${file}: ${(error as Error).message}.`, 'It must be a JSON array, one entry a frame.');
  }
  const result = cameraSchema.min(1).max(600).safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue!.path.length ? `entry ${issue!.path.join('.')}: ` : '';
  throw wrong(`--camera ${file}: ${where}${issue!.message}.`, 'Each entry is {zoom, rotation, panX, panY}.');
}

/**
 * @returns undefined when help was asked for
 * @throws MangaError BAD_SETTING naming the option and the allowed values, or a direction that the motion cannot take; ERR_PARSE_ARGS_* of node:util
 */
export async function parseStylizeArgs(args: readonly string[]): Promise<StylizeOptions | undefined> {
  const parsed = parseArgs({
    args: joinNegative(args),
    options: {
      ...Object.fromEntries([...valueOptions].map((name) => [name, text])),
      style: { ...text, multiple: true },
      out: text,
      json: flag,
      help: { ...flag, short: 'h' },
    },
    allowPositionals: true,
  });
  const positionals = parsed.positionals;
  const values: Readonly<Record<string, string | boolean | readonly string[] | undefined>> = parsed.values;
  if (values.help) return undefined;
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, values[dashed(name)]]));
  const result = schema.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => {
      const name = String(issue.path[0]) as keyof typeof schema.shape;
      return `--${dashed(name)} ${values[dashed(name)]}: ${range(name) ?? issue.message}`;
    });
    throw wrong(lines.join('\n'));
  }
  if (positionals.length === 0) throw wrong('Which photos? Give their paths, or a folder.');
  const { out } = values;
  if (typeof out !== 'string' || out === '') throw wrong('Where to? Give --out PATH.');
  const { format, encoder, quality, engine, model, style, camera: cameraFile, ...clip } = result.data;
  directionOf(clip);
  const camera = cameraFile === undefined ? undefined : await readCamera(cameraFile);
  return {
    inputs: positionals,
    out,
    format,
    clip: { ...clip, ...(camera ? { frames: camera.length } : {}), model: 'session' },
    encoder,
    quality,
    engine,
    model: model === undefined ? '' : modelFolder(model),
    style: style.map((page) => path.resolve(page)),
    camera,
    json: values.json === true,
  };
}
