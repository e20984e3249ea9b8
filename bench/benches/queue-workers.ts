/** Pictures a second through a queue in a real Redis: two workers, each held to one core, against one worker held to one. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { openDrawQueue } from '../../lib/queue/client.ts';
import type { DrawQueue, DrawRequest } from '../../lib/queue/types.ts';
import { clipSchema, outputSchema } from '../../lib/settings/settings.ts';
import { type Bench, median, round, Skipped, summarise } from '../bench.ts';
import { benchModel, PHOTOS } from '../subjects.ts';

const SIZE = '256';
const FRAMES = 24;

/** Something to wait for pictures of: a queue and how many have gone through it. */
interface Lane {
  readonly name: string;
  readonly queue: DrawQueue;
  readonly rates: number[];
}

export const queueWorkers: Bench = async ({ quick, scratch, tell }) => {
  for (const program of ['redis-server', 'taskset'])
    if (spawnSync(program, ['--version']).status !== 0) throw new Skipped(`${program} is not installed.`);
  if (availableParallelism() < 2) throw new Skipped('Two workers need two cores.');
  const { RedisServer, Worker } = await import('../../tests/unit/queue-support.ts');
  const { folder: model, name: modelName } = await benchModel(scratch);
  const shared = path.join(scratch, 'shared');
  await mkdir(shared);
  const redis = await RedisServer.start();
  const worker = (queue: string, core: number) => {
    const args = ['--queue', redis.url(queue), '--shared', shared, '--engine', 'onnx', '--model', model];
    return Worker.start(args, ['taskset', '-c', String(core)]);
  };
  const workers = [await worker('one', 0), await worker('two', 0), await worker('two', 1)];
  const open = async (name: string): Promise<Lane> => ({
    ...{ name, rates: [] },
    queue: await openDrawQueue({ url: redis.url(name), shared }),
  });
  const lanes = [await open('one'), await open('two')];
  try {
    const count = quick ? 6 : 24;
    for (const { name, queue } of lanes) await through(queue, shared, `${name}-warm`, 4);
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      for (const { name, queue, rates } of lanes) {
        const began = performance.now();
        await through(queue, shared, `${name}-${round}`, count);
        rates.push((1000 * count) / (performance.now() - began));
      }
      tell(lanes.map(({ name, rates }) => `${name}: ${rates.at(-1)!.toFixed(2)}/s`).join(', '));
    }
  } finally {
    await Promise.all(lanes.map(({ queue }) => queue.close()));
    await Promise.all(workers.map((each) => each.stop()));
    await redis.stop();
  }
  const [one, two] = lanes.map(({ rates }) => rates) as [number[], number[]];
  return [
    {
      name: 'two workers on one Redis',
      unit: 'clips/s',
      target: '1.7 times one worker',
      ...summarise(two),
      baseline: { name: 'one worker', ...summarise(one) },
      ratio: round(median(two) / median(one), 2),
      details: {
        size: SIZE,
        frames: FRAMES,
        model: modelName,
        ofEachRound: two.map((rate, n) => round(rate / one[n]!, 2)),
      },
    },
  ];
};

async function through(queue: DrawQueue, shared: string, run: string, count: number): Promise<void> {
  const output = outputSchema.omit({ path: true }).parse({ format: 'webp', encoder: 'built-in' });
  const recipe = { clip: clipSchema.parse({ size: SIZE, frames: FRAMES }), output };
  const requests = Array.from({ length: count }, async (_, n): Promise<DrawRequest> => {
    const name = `${run}-${n}.jpg`;
    const picture = path.join(shared, name);
    await copyFile(PHOTOS[n % PHOTOS.length]!, picture);
    return { id: `${run}-${n}`, name, picture, recipe, output: path.join(shared, `${run}-${n}.webp`) };
  });
  const ready = await Promise.all(requests);
  await Promise.all(ready.map((request) => queue.submit(request)));
}
