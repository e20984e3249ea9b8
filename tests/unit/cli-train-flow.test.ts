import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
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
  const whole = await run('--steps', '3', '--seed', '5', '--out', inFolder('whole'));
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
