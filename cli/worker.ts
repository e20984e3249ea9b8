/** `motion-manga worker`: draws the pictures that hot folders on other machines put into a queue. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type Draw, serveQueue } from '../lib/queue/serve.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { parseSettings } from '../lib/settings/settings.ts';
import { drawPhoto } from './draw-photo.ts';

const help = `motion-manga worker --queue redis://host:6379/name [options]

Draws the pictures that a hot-folder node puts into the queue, until it is told to stop (Ctrl-C: it finishes what it began).

  --queue URL           redis://[user:password@]host[:port][/name], rediss:// for TLS
  --shared FOLDER       the folder that this machine shares with Node-RED's; without it, pictures travel through Redis
  --concurrency N       pictures in work at the same time: 1
  --takeover SECONDS    another worker takes over when this one is not heard of for so long: 10 (alike on all workers)
  --engine ENGINE       auto, onnx, tensorflow, webgpu
  --model FOLDER        a checkpoint: the one that comes with the package
  --memory MB           what the session may hold: 2048
`;

const schema = z.object({
  queue: z.string({ error: 'give its address, as in --queue redis://host:6379/name' }),
  shared: z.string().min(1).optional(),
  concurrency: z.coerce.number().int().min(1).max(64).default(1),
  takeover: z.coerce.number().min(1).max(3600).default(10),
  engine: sessionSchema.shape.engine,
  model: z.string().min(1).optional(),
  memory: sessionSchema.shape.memoryMb,
});

/** @returns exit code. @throws MangaError BAD_SETTING, ENGINE_MISSING, IO */
export async function worker(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(Object.keys(schema.shape).map((name) => [name, text])),
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const options = parseSettings(schema, values);
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const model = options.model === undefined ? '' : path.resolve(options.model);
  const session = new SessionHost(
    sessionSchema.parse({ id: 'worker', engine: options.engine, model, memoryMb: options.memory }),
  );
  const draw: Draw = async (input, output, { clip, output: settings, camera }, signal) => {
    const { milliseconds, outputs, ...drawn } = await drawPhoto(
      session,
      input,
      output,
      { clip: camera ? { ...clip, frames: camera.length } : clip, output: settings, style: undefined, camera },
      signal,
    );
    const { render, write, total } = milliseconds;
    return { ...drawn, path: output, milliseconds: { render, encode: write, total } };
  };
  try {
    // Loads engine and model, or says what is missing, before it takes a job from others.
    const { description } = await session.start();
    const { queue: url, shared, concurrency, takeover } = options;
    const serving = await serveQueue({ url, shared, concurrency, takeoverMs: takeover * 1000, draw, tell });
    tell(`worker ready: ${description}`);
    await stopped(tell);
    await serving.close();
    return 0;
  } finally {
    await session.shutdown();
  }
}

/** Resolves at the first Ctrl-C; the second ends at once. */
function stopped(tell: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        if (asked) process.exit(130);
        asked = true;
        tell('Finishing what was begun...');
        resolve();
      });
    }
  });
}
