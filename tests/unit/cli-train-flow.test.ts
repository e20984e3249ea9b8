import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadCheckpoint } from '../../lib/checkpoint/checkpoint.ts';
import { savedSteps, saveRun } from '../../lib/training/gan/run-folder.ts';
import { motionManga } from './cli-support.ts';
import { flowOf, PARALLEL } from './plan-support.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'motion-manga-train-flow-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function train(...args: string[]) {
  const { code, stdout, stderr } = await motionManga(['train', ...args]).ended;
  return { code, out: stdout, err: stderr };
}

const inFolder = (name: string): string => join(folder, name);

function write(name: string, content: unknown): string {
  writeFileSync(inFolder(name), typeof content === 'string' ? content : JSON.stringify(content));
  return inFolder(name);
}

/** The example, with the smallest samples. */
function smallExample(): string {
  const flow = JSON.parse(readFileSync(join(ROOT, 'flows/train.json'), 'utf8')) as Record<string, unknown>[];
  return write(
    'small.json',
    flow.map((node) => ({
      ...node,
      ...(node.type === 'manga-dataset' ? { frames: '2' } : {}),
      ...(node.type === 'manga-tcn-decoder' ? { trainFrames: '2' } : {}),
      ...(node.type === 'manga-trainer' ? { batch: '1', microBatch: '1', sampleEvery: '0', schedule: 'plain' } : {}),
    })),
  );
}

interface Line {
  readonly step: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly data?: string;
  readonly skipped?: { readonly count: number };
}

/** One photo, and a file that is none. */
function photos(): string {
  const made = inFolder('photos');
  mkdirSync(made, { recursive: true });
  copyFileSync(join(ROOT, 'samples/photos/nagasaki.jpg'), join(made, 'nagasaki.jpg'));
  writeFileSync(join(made, 'broken.jpg'), 'no picture');
  return made;
}

/** Trains without complaint. */
async function lines(...args: string[]): Promise<{ steps: Line[]; err: string }> {
  const { code, out, err } = await train(smallExample(), '--json', ...args);
  assert.equal(code, 0, err);
  const steps = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return { steps, err };
}

test('a JSON line a step with every loss; the same numbers for the same seed; resume goes on with the options of the run', async () => {
  const numbers = (steps: readonly Line[]) => steps.map(({ step, losses }) => ({ step, losses }));
  const parts = inFolder('parts');
  const own = ['--photos', photos(), '--seed', '5'];
  const { steps: whole, err } = await lines('--steps', '3', ...own, '--licence', 'CC0', '--out', inFolder('whole'));
  assert.deepEqual(
    whole.map(({ step }) => step),
    [1, 2, 3],
  );
  for (const { losses } of whole) {
    for (const name of ['adversarial', 'discriminator', 'content', 'style', 'temporal']) {
      assert.ok(Number.isFinite(losses[name]) && losses[name]! > 0, `${name}: ${losses[name]}`);
    }
  }
  assert.match(err, /^data: 1 photo drawn in \d+ styles\nskipped: 1\n- \S+broken\.jpg: .+$/m);
  assert.match(whole[0]!.data!, /^1 photo/);
  assert.deepEqual(
    whole.map(({ skipped }) => skipped?.count),
    [1, undefined, undefined],
    'told once',
  );
  const first = await lines('--steps', '2', ...own, '--out', parts);
  assert.deepEqual(numbers(first.steps), numbers(whole.slice(0, 2)));
  const rest = await lines('--steps', '3', '--resume', parts);
  assert.deepEqual(numbers(rest.steps), numbers(whole.slice(2)));
  assert.match(rest.err, /as the run was begun, not as the flow has it: .*seed 5/);
  const other = await train(smallExample(), '--resume', parts, '--seed', '6');
  assert.equal(other.code, 2);
  assert.match(other.err, /begun otherwise\. seed: was 5, is 6\. /);
});

test('pages of the command line are learned from, and stay when the run goes on', async () => {
  const out = inFolder('pages');
  const pages = join(ROOT, 'samples/pages');
  const { steps, err } = await lines('--steps', '1', '--photos', photos(), '--pages', pages, '--out', out);
  assert.equal(steps.length, 1);
  assert.match(err, /^data: 1 page; 1 photo drawn in/m);
  const other = await train(smallExample(), '--resume', out, '--batch', '2', '--micro-batch', '2');
  assert.match(other.err, /begun otherwise\. batch: was 1, is 2; microBatch: was 1, is 2\. /, 'and nothing else');
});

test('SIGTERM ends training as Ctrl+C does: saved, with the exit code of success', async () => {
  const out = inFolder('ended');
  const { ended, signal, said } = motionManga(['train', smallExample(), '--steps', '5000', '--out', out]);
  await said(/^\d+\/5000 /m);
  signal('SIGTERM');
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /finished: .*generator\.safetensors/);
  assert.ok((await savedSteps(out)).length >= 1);
});

test('the checkpoint tells what it was trained by, without the paths of this machine', async () => {
  const { metadata } = await loadCheckpoint(inFolder('whole'));
  assert.equal(metadata.name, 'whole');
  assert.equal(metadata.dataLicence, 'CC0');
  assert.match(metadata.gitCommit, /^([0-9a-f]{40}|@motion-manga\/node-red \d+\.\d+\.\d+)$/);
  const { flow, step, seed, seconds, folders } = metadata.training;
  assert.deepEqual([flow, step, seed, folders], ['small', 3, 5, { photos: ['photos'] }]);
  assert.ok(Number(seconds) >= 1, `${seconds} s`);
  const text = JSON.stringify(metadata);
  for (const path of [folder, homedir(), ROOT]) assert.ok(!text.includes(path), path);
  const card = readFileSync(join(inFolder('whole'), 'README.md'), 'utf8');
  assert.match(card, /^# whole$/m);
  assert.match(card, /\| trained \| 3 of 3 steps of 1 clips, 2 frames of 64x64, seed 5 \|/);
  assert.match(card, /\| licence of the data \| CC0 \|/);
  assert.match(card, /adversarial 1 \(objective non-saturating, realLabel 0\.9\); content 1 /);
  const open = readFileSync(join(inFolder('parts'), 'README.md'), 'utf8');
  assert.match(open, /licence of the data \| not stated[\s\S]*--licence/);
});

test('training does not begin where an unfinished run lies', async () => {
  const out = inFolder('unfinished');
  const state = { tensors: new Map([['w', { shape: [1], dtype: 'float32', data: new Float32Array(1) } as const]]) };
  await saveRun(out, 2, { ...state, progress: { step: 2, steps: 9 } }, 1);
  const { code, err } = await train(smallExample(), '--out', out);
  assert.equal(code, 2, err);
  assert.match(err, /step 2 of 9.*--resume DIR.*--anew/);
});

test('help, and mistakes on the command line', async () => {
  const flow = write('flow.json', flowOf(PARALLEL));
  const [help, none, broken, engine, steps] = await Promise.all([
    train('x.json', '--help'),
    train(inFolder('missing.json')),
    train(write('broken.json', '[{')),
    train(flow, '--engine', 'onnx'),
    train(flow, '--steps', '0'),
  ]);
  assert.deepEqual([help!.code, none!.code, broken!.code, engine!.code, steps!.code], [0, 1, 1, 2, 2]);
  assert.match(help!.out, /--resume DIR/);
  assert.match(none!.err, /missing\.json/);
  assert.match(broken!.err, /no flow file.*Export it/);
  assert.match(engine!.err, /tensorflow or webgpu/);
  assert.match(steps!.err, /steps/);
});

test('paired drawing, without a flow: goes on from a shipped checkpoint by its name; a name that is none is said before photos are drawn', async () => {
  const small = ['--photos', photos(), '--long-side', '192', '--side', '32', '--batch', '1', '--steps', '1'];
  const [paired, lost] = await Promise.all([
    train(
      ...small,
      '--from',
      'pencil',
      '--medium',
      'pencil',
      '--out',
      inFolder('paired'),
      '--cache',
      inFolder('cache'),
    ),
    train(...small, '--from', 'nowhere', '--out', inFolder('lost'), '--cache', inFolder('lost-cache')),
  ]);
  assert.equal(paired!.code, 0, paired!.err);
  assert.match(paired!.err, /skipped broken\.jpg/);
  assert.match(readFileSync(inFolder('paired/README.md'), 'utf8'), /the checkpoint pencil/);
  assert.equal(lost!.code, 1);
  assert.match(lost!.err, /no model at .*nowhere/);
  assert.doesNotMatch(lost!.err, /drawn|skipped/);
});

test('a mistake in the wires names the node', async () => {
  const flow = write(
    'wrong.json',
    flowOf({ ...PARALLEL, decoder: ['adversarial'] }, { adversarial: { name: 'judge loss' } }),
  );
  const { code, err } = await train(flow);
  assert.equal(code, 1);
  assert.match(err, /judge loss: msg\.scores is missing.*Wire a manga-discriminator/);
});
