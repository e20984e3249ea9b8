/**
 * A fluent-ffmpeg command without the parts of fluent-ffmpeg 2.1.3 that stand in the way:
 * - it asks ffmpeg for its formats and encoders before the first run (0.2 s); ffmpeg.ts has done that;
 * - it throws in an event handler, which would end the process, when ffmpeg cannot be started at all.
 */
import { createRequire } from 'node:module';
import type { PassThrough } from 'node:stream';
import type { FfmpegCommand } from 'fluent-ffmpeg';

type Lines = { get(): string };
type EndCallback = (error: Error | null, stdout?: Lines, stderr?: Lines) => void;

interface Internals {
  _checkCapabilities(done: (error: null) => void): void;
  availableEncoders(done: (error: null, encoders: object) => void): void;
  _getFfmpegPath(done: (error: null, path: string) => void): void;
  _spawnFfmpeg(args: string[], options: object, onStart: unknown, onEnd: EndCallback): void;
}

// fluent-ffmpeg is CommonJS and its types describe `export =` of a function.
const createCommand = createRequire(import.meta.url)('fluent-ffmpeg') as (input: PassThrough) => FfmpegCommand;
const noLines: Lines = { get: () => '' };

/** @param ffmpeg path of the program @param input what ffmpeg reads on stdin */
export function ffmpegCommand(ffmpeg: string, input: PassThrough): FfmpegCommand {
  const command = createCommand(input);
  const internals = command as unknown as Internals;
  internals._checkCapabilities = (done) => done(null);
  internals.availableEncoders = (done) => done(null, {});
  // `setFfmpegPath` would set it for every user of fluent-ffmpeg in this process.
  internals._getFfmpegPath = (done) => done(null, ffmpeg);
  const spawn = internals._spawnFfmpeg;
  internals._spawnFfmpeg = (args, options, onStart, onEnd) => {
    const end: EndCallback = (error, stdout = noLines, stderr = noLines) => onEnd(error, stdout, stderr);
    try {
      spawn.call(internals, args, options, onStart, end);
    } catch (error) {
      end(error as Error);
    }
  };
  return command;
}
