/** Photos for the tests of the command line, and the command line itself in a process of its own. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { saveCheckpoint } from '../../lib/checkpoint/checkpoint.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random } from '../../lib/random.ts';
import { colourPicture } from './media-support.ts';

const main = path.resolve(import.meta.dirname, '../../cli/main.ts');

export async function writePhoto(file: string, width = 120, height = 80): Promise<string> {
  const picture = colourPicture(width, height);
  writeFileSync(file, await (file.endsWith('.png') ? picture.png() : picture.jpeg()).toBuffer());
  return file;
}

/** A checkpoint of random weights. @returns its folder */
export async function writeRandomModel(folder: string): Promise<string> {
  const { tensors } = randomWeights(generatorSpecs(DEFAULT_CONFIG), new Random(1), 'random');
  await saveCheckpoint(folder, tensors, {
    ...{ format: 'motion-manga-1', name: 'random', config: DEFAULT_CONFIG, training: {} },
    ...{ dataLicence: 'none', gitCommit: 'none', created: new Date(0).toISOString() },
  });
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** When all is over; also when it was killed. */
  readonly ended: Promise<Ended>;
  /** Reaches all processes of the run, as Ctrl-C in a terminal does. */
  signal(name: NodeJS.Signals): void;
  /** When stdout has this in it. Rejects when the run ends without. */
  said(text: RegExp): Promise<void>;
}

export function motionManga(args: readonly string[]): Running {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stdout = '';
  const news = new EventEmitter();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
    news.emit('news');
  });
  const texts = [child.stdout, child.stderr].map(async (stream) => {
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk;
    return text;
  });
  const ended = async (): Promise<Ended> => {
    const [code] = (await once(child, 'close')) as [number | null];
    const [stdout, stderr] = (await Promise.all(texts)) as [string, string];
    return { code, stdout, stderr };
  };
  const said = async (text: RegExp): Promise<void> => {
    while (!text.test(stdout)) {
      if (child.exitCode !== null) throw new Error(`It ended, and said only: ${stdout}`);
      await Promise.race([once(news, 'news'), once(child, 'close')]);
    }
  };
  return { ended: ended(), said, signal: (name) => void process.kill(-child.pid!, name) };
}
