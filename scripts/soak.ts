/**
 * `npm run soak`: a real Node-RED with a hot folder, thousands of good, broken and hostile pictures, and all that goes wrong in
 * months of unattended running, at once. Exit code 0 only when every good picture became exactly one clip and every bad one
 * exactly one report; the last line says what happened. Needs the build.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { runSoak } from './soak/run.ts';

const help = `npm run soak -- [options]

  --images N       files to drop: 2000
  --kill-every N   kill -9 of Node-RED or its session's process each time so many files are over: 50; 0: never
  --seed N         same seed, same files: 1
  --minutes N      drop no more files after this time
  --disk-full N    times that the disk is full (needs root, for a small disk of its own): 3
  --in-flight N    pictures in work at a time: 2
  --settle N       quiet milliseconds before a file is taken: 800
  --log FILE       what Node-RED prints: soak.log in the system's folder for temporary files
  --keep           leave the folders for a look
`;

const whole = (smallest: number) => z.coerce.number().int().min(smallest);
const schema = z.object({
  images: whole(1).max(99_999).default(2000),
  'kill-every': whole(0).default(50),
  seed: whole(0).default(1),
  minutes: z.coerce.number().positive().default(1e6),
  'disk-full': whole(0).default(3),
  'in-flight': whole(1).default(2),
  settle: whole(50).default(800),
  log: z.string().default(join(tmpdir(), 'soak.log')),
});

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(Object.keys(schema.shape).map((name) => [name, text])),
      keep: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync(new URL('../dist/nodes', import.meta.url)))
    throw new Error('Node-RED runs the build: npm run build first.');
  const options = schema.parse(values);
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  const { ok, line } = await runSoak({
    ...{ images: options.images, killEvery: options['kill-every'], seed: options.seed, minutes: options.minutes },
    ...{ diskFull: options['disk-full'], maxInFlight: options['in-flight'], settleMs: options.settle },
    ...{ log: options.log, keep: values.keep === true, tell },
  });
  tell(line);
  return ok ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${help}`);
  process.exitCode = 2;
}
