import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { loadCheckpoint } from '../../lib/checkpoint/checkpoint.ts';
import { saveRun } from '../../lib/training/gan/run-folder.ts';
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

test('a JSON line a step with every loss; the same numbers for the same seed; resume goes on', async () => {
  const flow = smallExample();
  const run = async (...args: string[]) => {
    const { code, out, err } = await train(flow, '--json', ...args);
    assert.equal(code, 0, err);
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: number; losses: Record<string, number> });
  };
  const numbers = (lines: Awaited<ReturnType<typeof run>>) => lines.map(({ step, losses }) => ({ step, losses }));
  const parts = inFolder('parts');
  const whole = await run('--steps', '3', '--seed', '5', '--licence', 'CC0', '--out', inFolder('whole'));
  assert.deepEqual(
    whole.map(({ step }) => step),
    [1, 2, 3],
  );
  for (const { losses } of whole) {
    for (const name of ['adversarial', 'discriminator', 'content', 'style', 'temporal']) {
      assert.ok(Number.isFinite(losses[name]) && losses[name]! > 0, `${name}: ${losses[name]}`);
    }
  }
  const first = await run('--steps', '2', '--seed', '5', '--out', parts);
  assert.deepEqual(numbers(first), numbers(whole.slice(0, 2)));
  const rest = await run('--steps', '3', '--seed', '5', '--out', parts, '--resume', parts);
  assert.deepEqual(numbers(rest), numbers(whole.slice(2)));
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

test('a mistake in the wires names the node', async () => {
  const flow = write(
    'wrong.json',
    flowOf({ ...PARALLEL, decoder: ['adversarial'] }, { adversarial: { name: 'judge loss' } }),
  );
  const { code, err } = await train(flow);
  assert.equal(code, 1);
  assert.match(err, /judge loss: msg\.scores is missing.*Wire a manga-discriminator/);
});
