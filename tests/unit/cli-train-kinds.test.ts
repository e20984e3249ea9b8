/** The example flows and every kind of data through `motion-manga train`: real steps, as small as can be. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { samplePath } from '../../lib/samples.ts';
import { makeManga109 } from '../fixtures/make-manga109.ts';
import { motionManga } from './cli-support.ts';
import { noFfmpeg, temporaryFolder } from './media-support.ts';
import { withTensorflow } from './training-support.ts';

const cleanups: (() => void)[] = [];
const folder = temporaryFolder({ after: (cleanup) => cleanups.push(cleanup as () => void) });
after(() => {
  for (const cleanup of cleanups) cleanup();
});

interface Line {
  readonly step: number;
  readonly phase: string;
  readonly losses: Readonly<Record<string, number>>;
}

const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  'manga-dataset': { frames: '2', side: '64', longSide: '256' },
  'manga-tcn-decoder': { trainFrames: '2', trainSide: '64' },
  'manga-discriminator': { channels: '4' },
  'manga-trainer': { batch: '1', microBatch: '1', sampleEvery: '0' },
};

/** An example with the smallest samples. @param more fields by node type */
function small(example: string, more: Readonly<Record<string, Record<string, unknown>>> = {}): string {
  const source = new URL(`../../flows/${example}.json`, import.meta.url);
  const flow = JSON.parse(readFileSync(source, 'utf8')) as { type: string }[];
  const path = join(folder, `${example}-${Object.keys(more).length}.json`);
  writeFileSync(path, JSON.stringify(flow.map((node) => ({ ...node, ...SMALL[node.type], ...more[node.type] }))));
  return path;
}

async function train(flow: string, out: string, ...args: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await motionManga(['train', flow, '--out', join(folder, out), '--json', ...args])
    .ended;
  assert.equal(code, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  for (const { losses, step } of lines)
    for (const [name, value] of Object.entries(losses)) assert.ok(Number.isFinite(value), `${step}: ${name} ${value}`);
  return lines;
}

/** The losses that said something in a step. */
const counted = ({ losses }: Line): string[] =>
  Object.keys(losses)
    .filter((name) => losses[name] !== 0)
    .sort();

const PAGES = dirname(samplePath('sample:pages/bold.png')!);
const PAIRED = ['fields', 'layers'];
const GAME = ['adversarial', 'content', 'discriminator', 'style', 'temporal', 'trajectory'];

await withTensorflow(() => {
  test('fine-tuning: the shipped network, pages and drawn photos; all losses from its second step on', async () => {
    const lines = await train(small('finetune-style'), 'finetune', '--steps', '2', '--pages', PAGES);
    assert.deepEqual(
      lines.map(({ phase }) => phase),
      ['C', 'C'],
    );
    assert.deepEqual(counted(lines[1]!), [...GAME, ...PAIRED].sort());
  });

  test('Manga109 from nothing: a step of each phase', async () => {
    const root = join(folder, 'Manga109');
    await makeManga109(root);
    process.env.MANGA109 = root;
    const lines = await train(small('train-manga109'), 'manga109', '--steps', '4');
    assert.deepEqual(
      lines.map(({ phase }) => phase),
      ['A', 'B', 'C', 'C'],
    );
    assert.deepEqual(counted(lines[0]!), ['content', ...PAIRED]);
    assert.deepEqual(counted(lines[1]!), ['content', ...PAIRED, 'temporal', 'trajectory']);
    assert.deepEqual(counted(lines[3]!), [...GAME, ...PAIRED].sort());
  });

  test('pages given to the example of photos: the photos are still drawn, so that it begins from nothing', async () => {
    const lines = await train(small('train'), 'with-pages', '--steps', '1', '--pages', PAGES);
    assert.deepEqual(counted(lines[0]!), ['content', ...PAIRED]);
  });

  test('films, which have no drawn photos: from a checkpoint', { skip: noFfmpeg }, async () => {
    const videos = join(folder, 'videos');
    mkdirSync(videos);
    const film = ['-f', 'lavfi', '-i', 'testsrc2=s=240x180:r=12', '-t', '2', '-c:v', 'ffv1', join(videos, 'film.mkv')];
    execFileSync('ffmpeg', ['-v', 'error', ...film]);
    const data = { kind: 'video', videos, videosType: 'str', fps: '12', draw: true };
    const flow = small('train', { 'manga-dataset': { ...SMALL['manga-dataset'], ...data } });
    const lines = await train(flow, 'films', '--steps', '2', '--from', 'ink');
    assert.deepEqual(counted(lines[1]!), GAME);

    const { code, stderr } = await motionManga(['train', flow, '--out', join(folder, 'refused'), '--steps', '2']).ended;
    assert.notEqual(code, 0);
    assert.match(stderr, /manga-dataset: the first phases learn from the teacher's drawing.*Start from a checkpoint/);
  });
});
