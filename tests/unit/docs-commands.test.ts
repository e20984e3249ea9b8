/**
 * Every command of the documents. Cheap ones are run as they stand, in a folder with pictures, a smaller size and fewer
 * frames added, others by docs-commands-run.test.ts; the options of all are compared with what the program says it has. What
 * is not run is listed with the reason.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { motionManga, writePhoto } from './cli-support.ts';
import {
  type Command,
  checkManga,
  checkOther,
  commandsOf,
  inlineCommands,
  mangaArguments,
  RUN,
} from './docs-commands-support.ts';
import { DOCUMENTS } from './docs-support.ts';
import { noFfmpeg, temporaryFolder } from './media-support.ts';

/** What makes a command cheap: the last value of an option counts. */
const SMALLER: Readonly<Record<string, readonly string[]>> = {
  stylize: ['--size', '96', '--frames', '4'],
  video: ['--size', '96'],
  scene: ['--size', '96x128', '--frames', '2'],
  evaluate: ['--size', '64', '--canvas', '96', '--frames', '4', '--seeds', '0'],
  '--help': [],
  '--version': [],
};

/** Why the other commands of motion-manga are not run here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  train: 'trains for long',
  worker: 'runs until it is stopped; tests/unit/queue.test.ts does so',
  doctor: RUN,
  setup: 'fetches TensorFlow; tests/unit/setup-tensorflow.test.ts does so',
};

/** Trainings by a flow file, begun and gone on with, have a test of their own, with the smallest samples. */
const runInSmall = (args: readonly string[]): string | false =>
  args[0] === 'train' && /^flows\/.*\.json$/.test(args[1] ?? '') && 'run by tests/unit/cli-train-flow.test.ts';

const commands = DOCUMENTS.flatMap(commandsOf);
const inline = DOCUMENTS.flatMap(inlineCommands);

test('every command and option in the documents exists', async (t) => {
  assert.ok(commands.length > 50 && inline.length > 30, `${commands.length} and ${inline.length} commands`);
  const left = new Map<string, string>();
  for (const command of [...commands, ...inline]) {
    const args = mangaArguments(command);
    if (args) await checkManga(args, command.where);
    const why = args ? runInSmall(args) || ELSEWHERE[args[0] ?? '--help'] : checkOther(command);
    if (why) left.set(command.words.join(' '), why);
    else assert.ok((args![0] ?? '--help') in SMALLER, `${command.where}: motion-manga ${args![0]}`);
  }
  for (const [command, why] of left) if (!why.startsWith('run by')) t.diagnostic(`not run: ${command} (${why})`);
});

test('an unknown command, option, script or package is found', async () => {
  const command = (text: string): Command => ({ where: 'here', words: text.split(' ') });
  await assert.rejects(checkManga(['stylize', 'a.jpg', '--colour', 'red'], 'here'), /has no --colour/);
  await assert.rejects(checkManga(['draw', 'a.jpg'], 'here'));
  for (const text of [
    'npm run nothing',
    'npm install left-pad',
    'node scripts/none.ts',
    'sudo systemctl --force stop',
    'frobnicate',
  ]) {
    assert.throws(() => checkOther(command(text)), assert.AssertionError, text);
  }
  assert.throws(() => checkOther(command('npm install webgpu@9.0.0')), /tested with/);
});

test('the commands that draw and measure do what the documents say', async (t) => {
  const folder = temporaryFolder(t);
  const at = (...parts: string[]): string => join(folder, ...parts);
  await fill(at);
  const runs = new Map<string, Command>();
  for (const command of commands) {
    const args = mangaArguments(command);
    if (args && (args[0] ?? '--help') in SMALLER) runs.set(args.join(' '), command);
  }
  assert.ok(runs.size >= 12, `${runs.size} commands`);
  const waiting = [...runs.values()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await runOne(next, at, (why) => t.diagnostic(why));
  };
  await Promise.all([worker(), worker()]);
});

/** The files and folders that the documents name. */
async function fill(at: (...parts: string[]) => string): Promise<void> {
  for (const name of ['photo.jpg', 'a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'a.png', 'b.png', 'page.png', 'page.jpg']) {
    await writePhoto(at(name));
  }
  for (const name of ['photos', 'pages', 'sk5', 'PHOTOS', 'PAGES', 'FOLDER', 'held-out-photos', 'held-out-pages']) {
    mkdirSync(at(name));
    cpSync(at('photo.jpg'), at(name, 'one.jpg'));
    await writePhoto(at(name, 'two.jpg'), 100, 120);
  }
  cpSync(join(import.meta.dirname, '../../models/ink'), at('my-style'), { recursive: true });
  for (const clip of ['in.mp4', 'dance.gif']) {
    const { code, stderr } = await motionManga(['stylize', at('photo.jpg'), '--out', at(clip), ...SMALLER.stylize!])
      .ended;
    assert.equal(code, 0, stderr);
  }
  cpSync(at('in.mp4'), at('in.mov'));
}

/** Paths among the arguments are those of the folder; what is written must be there afterwards. */
async function runOne(
  command: Command,
  at: (...parts: string[]) => string,
  say: (line: string) => void,
): Promise<void> {
  const [name = '--help', ...rest] = mangaArguments(command)!;
  const text = `${command.where}: motion-manga ${name} ${rest.join(' ')}`;
  if (noFfmpeg && (/webm/.test(text) || (name === 'video' && !/\.gif/.test(rest[0]!))))
    return say(`not run: ${text} (${noFfmpeg})`);
  const isPath = (word: string, index: number): boolean =>
    /^\w[\w-]*\/?$|\.(jpg|png|mp4|mov|gif|webp|webm|html)$/.test(word) &&
    (!rest[index - 1]?.startsWith('--') ||
      /^--(out|style|photos|pages|report)$/.test(rest[index - 1]!) ||
      word === 'my-style');
  const args = rest.map((word, index) => (isPath(word, index) ? at(word) : word));
  const { code, stderr } = await motionManga([name, ...args, ...SMALLER[name]!]).ended;
  assert.equal(code, 0, `${text}\n${stderr}`);
  for (const option of ['--out', '--report']) {
    if (args.includes(option)) assert.ok(statSync(args[args.indexOf(option) + 1]!).size > 0, text);
  }
}
