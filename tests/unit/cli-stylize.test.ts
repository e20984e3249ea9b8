/** The command line in processes of its own, with the real engine and random weights. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import sharp from 'sharp';
import { motionManga, writePhoto, writeRandomModel } from './cli-support.ts';
import { temporaryFolder } from './media-support.ts';

const shared = mkdtempSync(path.join(tmpdir(), 'manga-cli-'));
after(() => rmSync(shared, { recursive: true }));
const model = await writeRandomModel(path.join(shared, 'model'));
const fast = ['--model', model, '--engine', 'onnx', '--size', '64', '--frames', '3'];

type Line = {
  input: string;
  outputs?: string[];
  width?: number;
  height?: number;
  frames?: number;
  milliseconds?: Record<string, number>;
  error?: { code: string; message: string; hint: string };
};
const lines = (stdout: string): Line[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

test('good and bad photos in one run: a line each, exit 1', async (t) => {
  const folder = temporaryFolder(t);
  const inbox = path.join(folder, 'in');
  mkdirSync(inbox);
  const odd = await writePhoto(path.join(inbox, 'a "b" 🎉\n.jpg'));
  writeFileSync(path.join(inbox, 'diary.jpg'), 'no photo');
  await writePhoto(path.join(inbox, 'last.png'));
  const gone = path.join(folder, 'gone.jpg');
  const out = path.join(folder, 'out');
  const run = await motionManga(['stylize', inbox, gone, '--out', out, '--json', '--encoder', 'built-in', ...fast])
    .ended;
  assert.equal(run.code, 1, run.stderr);
  const [first, diary, last, missing, ...more] = lines(run.stdout);
  assert.equal(more.length, 0);
  assert.equal(first!.input, odd);
  assert.deepEqual(first!.outputs, [path.join(out, 'a "b" 🎉\n.mp4')]);
  assert.deepEqual([first!.width, first!.height, first!.frames], [64, 44, 3]);
  assert.deepEqual(Object.keys(first!.milliseconds!), ['decode', 'encode', 'draw', 'render', 'write', 'total']);
  for (const [stage, time] of Object.entries(first!.milliseconds!)) assert(time >= 0, `${stage} ${time}`);
  assert.equal(diary!.error!.code, 'BAD_INPUT');
  assert.match(diary!.error!.message, /"diary.jpg" is not a picture/);
  assert.match(diary!.error!.hint, /JPEG/);
  assert.deepEqual(last!.outputs, [path.join(out, 'last.mp4')]);
  assert.equal(missing!.error!.code, 'IO');
  assert.deepEqual(readdirSync(out).sort(), ['a "b" 🎉\n.mp4', 'last.mp4']);
  assert.match(run.stderr, /\[1\/4\] "a \\"b\\" 🎉\\n\.jpg": 3 frames of 64x44/);
  assert.match(run.stderr, /2 of 4 failed/);
});

test('png frames, a camera, a style page; the same seed gives the same bytes', async (t) => {
  const folder = temporaryFolder(t);
  const photo = await writePhoto(path.join(folder, 'photo.jpg'));
  const camera = path.join(folder, 'camera.json');
  writeFileSync(camera, '[{"zoom": 1}, {"zoom": 1.5, "panX": 0.1}]');
  const common = ['stylize', photo, '--format', 'png', '--camera', camera, '--style', photo, '--json', ...fast];
  const outs = ['one', 'two'].map((name) => path.join(folder, name));
  for (const out of outs) {
    const run = await motionManga([...common, '--out', out]).ended;
    assert.equal(run.code, 0, run.stderr);
    const [line] = lines(run.stdout);
    assert.equal(line!.frames, 2);
    assert.deepEqual(line!.outputs, [path.join(out, 'frame-0001.png'), path.join(out, 'frame-0002.png')]);
  }
  for (const name of ['frame-0001.png', 'frame-0002.png']) {
    const [one, two] = outs.map((out) => readFileSync(path.join(out, name)));
    assert(one!.equals(two!));
    const { width, height } = await sharp(one).metadata();
    assert.deepEqual([width, height], [64, 44]);
  }
});

test('Ctrl-C while the second clip is written: exit 130, no half files', async (t) => {
  const folder = temporaryFolder(t);
  const [inbox, out] = [path.join(folder, 'in'), path.join(folder, 'out')];
  mkdirSync(inbox);
  mkdirSync(out);
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await writePhoto(path.join(inbox, name));
  const args = ['stylize', inbox, '--out', out, '--json', '--model', model, '--engine', 'onnx'];
  const run = motionManga([...args, '--frames', '60', '--size', '256']);
  let parts = 0;
  const watcher = watch(out, (_event, name) => {
    if (!name?.startsWith('.b.mp4.')) return;
    if (parts++ === 0) run.signal('SIGINT');
  });
  t.after(() => watcher.close());
  const { code, stdout, stderr } = await run.ended;
  assert(parts > 0);
  assert.equal(code, 130, stderr);
  assert.deepEqual(
    lines(stdout).map(({ input }) => path.basename(input)),
    ['a.jpg'],
  );
  assert.deepEqual(readdirSync(out), ['a.mp4']);
  assert.match(stderr, /Cancelling/);
});

test('no model: told, exit 1', async (t) => {
  const folder = temporaryFolder(t);
  const photo = await writePhoto(path.join(folder, 'photo.jpg'));
  const run = await motionManga(['stylize', photo, '--out', folder, '--json', '--model', path.join(folder, 'none')])
    .ended;
  assert.equal(run.code, 1);
  assert.equal(lines(run.stdout)[0]!.error!.code, 'MODEL_MISSING');
});

test('help, version and mistakes', async () => {
  const cases: readonly (readonly [args: string[], code: number, stdout: RegExp, stderr: RegExp])[] = [
    [[], 0, /stylize[\s\S]*train[\s\S]*doctor[\s\S]*setup/, /^$/],
    [['stylize', '--help'], 0, /--out PATH[\s\S]*--camera FILE/, /^$/],
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
    [['paint'], 2, /^$/, /no command 'paint'.*stylize, .*train, .*doctor, setup/],
    [['stylize', 'a.jpg', '--out', 'o', '--ink', 'blue'], 2, /^$/, /--ink blue: .*"black"\|"sepia"/],
    [['stylize', 'a.jpg', '--out', 'o', '--inc', 'blue'], 2, /^$/, /--inc/],
    [['setup', 'pytorch'], 2, /^$/, /'tensorflow' can be set up, not 'pytorch'/],
  ];
  const runs = await Promise.all(cases.map(([args]) => motionManga(args).ended));
  for (const [i, [args, code, stdout, stderr]] of cases.entries()) {
    const run = runs[i]!;
    assert.equal(run.code, code, `${args.join(' ')}: ${run.stderr}`);
    assert.match(run.stdout, stdout);
    assert.match(run.stderr, stderr);
  }
});
