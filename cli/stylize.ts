import { type MangaError, toMangaError, toWire } from '../lib/errors/manga-error.ts';
import { printable, printableName } from '../lib/media/printable.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import type { Handle, Session } from '../lib/session/types.ts';
import { drawPhoto } from './draw-photo.ts';
import { planJobs } from './plan-jobs.ts';
import { parseStylizeArgs, type StylizeOptions, stylizeHelp } from './stylize-options.ts';

export interface Terminal {
  /** One line for programs (stdout). */
  print(line: string): void;
  /** One line for people (stderr). */
  tell(line: string): void;
}

/** Encodes the style pages when they are first needed, and again when the session was restarted. */
function stylePages(session: Session, files: readonly string[], blend: number): () => Promise<Handle> {
  let encoded: Promise<Handle> | undefined;
  let generation = 0;
  const encode = async (): Promise<Handle> => {
    const arena = await session.openArena('style page');
    const pages = await Promise.all(files.map((file) => session.loadPicture(arena, { path: file })));
    return session.encodeStyle(pages, blend);
  };
  return async () => {
    const now = (await session.stats()).generation;
    if (!encoded || now !== generation) {
      encoded = encode();
      generation = now;
    }
    return encoded;
  };
}

/**
 * Draws every photo, one after the other. A photo that fails does not stop the others; a cancelled run ends.
 * @returns exit code: 0 every photo succeeded, else 1
 */
export async function stylizePhotos(
  session: Session,
  options: StylizeOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { jobs, format } = await planJobs(options.inputs, options.out, options.format);
  const drawing = {
    clip: options.clip,
    output: { format, encoder: options.encoder, quality: options.quality },
    style: options.style.length > 0 ? stylePages(session, options.style, options.clip.styleBlend) : undefined,
    camera: options.camera,
  };
  let failed = 0;
  for (const [index, job] of jobs.entries()) {
    const name = printableName(job.input);
    const place = jobs.length > 1 ? `[${index + 1}/${jobs.length}] ` : '';
    let error: MangaError;
    try {
      if (signal.aborted) break;
      if ('error' in job) throw job.error;
      const result = await drawPhoto(session, job.input, job.output, drawing, signal);
      const { width, height, frames, milliseconds } = result;
      const seconds = (milliseconds.total / 1000).toFixed(1);
      const size = `${frames} frames of ${width}x${height}`;
      terminal.tell(`${place}${name}: ${size} in ${seconds} s -> ${printable(job.output)}`);
      if (options.json) terminal.print(JSON.stringify({ input: job.input, ...result }));
      continue;
    } catch (thrown) {
      error = toMangaError(thrown);
    }
    if (signal.aborted) break;
    failed++;
    terminal.tell(place + (error.message.includes(name) ? '' : `${name}: `) + error.message);
    if (options.json) terminal.print(JSON.stringify({ input: job.input, error: toWire(error) }));
  }
  if (failed > 0 && jobs.length > 1) terminal.tell(`${failed} of ${jobs.length} failed.`);
  return failed > 0 || jobs.length === 0 ? 1 : 0;
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** `motion-manga stylize`. @returns exit code. @throws MangaError BAD_SETTING for wrong options */
export async function stylize(args: readonly string[]): Promise<number> {
  const options = await parseStylizeArgs(args);
  if (!options) {
    process.stdout.write(stylizeHelp);
    return 0;
  }
  const terminal: Terminal = {
    print: (line) => void process.stdout.write(`${line}\n`),
    tell: (line) => void process.stderr.write(`${line}\n`),
  };
  const { engine, model } = options;
  // An arena left alone is closed: the style page's must outlast long photos.
  const session = new SessionHost(sessionSchema.parse({ id: 'cli', engine, model, idleSeconds: 3600 }));
  const cancel = new AbortController();
  let cancelled: keyof typeof exitCodes | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    // Asked twice: end at once. The session's process sees that and cleans up by itself.
    if (cancelled) process.exit(exitCodes[cancelled]);
    cancelled = name as keyof typeof exitCodes;
    terminal.tell('Cancelling...');
    cancel.abort();
  };
  for (const name of Object.keys(exitCodes)) process.on(name, onSignal);
  try {
    const code = await stylizePhotos(session, options, terminal, cancel.signal);
    return cancelled ? exitCodes[cancelled] : code;
  } finally {
    await session.close();
    for (const name of Object.keys(exitCodes)) process.off(name, onSignal);
  }
}
