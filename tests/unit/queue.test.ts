/** Drawing through a queue in a real Redis, by workers as users start them. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { openDrawQueue } from '../../lib/queue/client.ts';
import { connect, parseQueueUrl } from '../../lib/queue/redis.ts';
import { serveQueue } from '../../lib/queue/serve.ts';
import { SharedFolder } from '../../lib/queue/shared-folder.ts';
import type { DrawQueue, DrawRequest, QueueCounts } from '../../lib/queue/types.ts';
import { clipSchema, outputSchema } from '../../lib/settings/settings.ts';
import { numbered } from '../../scripts/fuzz/pictures.ts';
import { freePort, RedisServer, Worker } from './queue-support.ts';

const none = { render: 0, encode: 0, total: 0 };
let redis: RedisServer;
let folder: string;
const workers: Worker[] = [];
const queues: DrawQueue[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manga-queue-'));
  redis = await RedisServer.start();
});
after(async () => {
  await Promise.all(queues.map((queue) => queue.close()));
  await Promise.all(workers.map((worker) => worker.stop()));
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

async function startWorker(name: string, ...more: readonly string[]): Promise<Worker> {
  const worker = await Worker.start(['--queue', redis.url(name), '--engine', 'onnx', ...more]);
  workers.push(worker);
  return worker;
}

async function openQueue(name: string, shared?: string): Promise<DrawQueue> {
  const queue = await openDrawQueue({ url: redis.url(name), shared });
  queues.push(queue);
  return queue;
}

async function request(number: number, place: string, frames = 1): Promise<DrawRequest> {
  const picture = join(place, `picture ${number}.jpg`);
  await writeFile(picture, await numbered(9, number, 160, 120));
  const output = outputSchema.omit({ path: true }).parse({ format: 'webp', encoder: 'built-in' });
  const recipe = { clip: clipSchema.parse({ size: '96', frames }), output };
  return {
    id: `0000000000000000000000${number + 10}`,
    name: `picture ${number}.jpg`,
    picture,
    recipe,
    output: join(place, `clip ${number}.webp`),
  };
}

async function until(queue: DrawQueue, holds: (counts: QueueCounts) => boolean): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (holds(await queue.counts())) return;
    await sleep(25);
  }
  throw new Error(`Waited in vain for ${holds}: ${JSON.stringify(await queue.counts())}`);
}

test('two workers, one killed with -9 while it draws: every picture becomes its clip', {
  timeout: 120_000,
}, async () => {
  const shared = join(folder, 'shared');
  await mkdir(shared);
  const options = ['--shared', shared, '--takeover', '1'];
  const [victim, other] = await Promise.all([startWorker('two', ...options), startWorker('two', ...options)]);
  const queue = await openQueue('two', shared);
  const requests = await Promise.all(Array.from({ length: 8 }, (_, n) => request(n, shared, 60)));
  const clips = requests.map((each) => queue.submit(each));
  await until(queue, ({ active, workers: count }) => active === 2 && count === 2);
  await victim!.stop('SIGKILL');
  for (const [n, clip] of (await Promise.all(clips)).entries()) {
    assert.equal(clip.path, requests[n]!.output);
    assert.equal(clip.frames, 60);
    const { pages, size } = await sharp(await readFile(clip.path)).metadata();
    assert.deepEqual([pages, size], [60, clip.bytes]);
  }
  assert.deepEqual(await queue.counts(), { waiting: 0, active: 0, workers: 1 });
  assert.ok(
    other!.lines.some((line) => line.includes('took over')),
    other!.lines.join('\n'),
  );
});

test('without a shared folder pictures and clips travel through Redis; a broken picture is reported with its remedy', async () => {
  const worker = await startWorker('value');
  const queue = await openQueue('value');
  const place = join(folder, 'here');
  await mkdir(place);
  const good = await request(1, place);
  const clip = await queue.submit(good);
  assert.deepEqual([clip.path, clip.frames], [good.output, 1]);
  assert.equal((await sharp(await readFile(good.output)).metadata()).size, clip.bytes);

  const bad = await request(2, place);
  await writeFile(bad.picture, (await readFile(bad.picture)).subarray(0, 900));
  const failure = await queue.submit(bad).catch((error: unknown) => error);
  assert.ok(failure instanceof MangaError);
  assert.deepEqual([failure.code, failure.hint], ['BAD_INPUT', 'Copy it again.']);
  assert.ok(!existsSync(bad.output));
  // Mended and submitted again under the same id, it is drawn: a failure is no last word.
  await writeFile(bad.picture, await readFile(good.picture));
  assert.equal((await queue.submit(bad)).path, bad.output);

  const frames = { ...good, recipe: { ...good.recipe, output: { ...good.recipe.output, format: 'png' as const } } };
  await assert.rejects(queue.submit(frames), { code: 'BAD_SETTING', message: /shared folder/ });
  assert.equal(await worker.stop('SIGINT'), 0);
});

test('nothing hangs on the queue: emptied, or left by a Node-RED that was killed, each picture is drawn once', async () => {
  const shared = join(folder, 'emptied');
  await mkdir(shared);
  const queue = await openQueue('emptied', shared);
  const [first, second] = [await request(3, shared), await request(4, shared)];
  const clip = queue.submit(first);
  clip.catch(() => {});
  await until(queue, ({ waiting }) => waiting === 1);
  const { redis: client, close } = await connect(redis.url('emptied'));
  await (client as unknown as { flushall(): Promise<unknown> }).flushall();
  close();
  // The first client gives up waiting, as if it were killed; its job stays.
  const killed = await openDrawQueue({ url: redis.url('emptied'), shared });
  const lost = killed.submit(second).catch((error: MangaError) => error.code);
  await until(queue, ({ waiting }) => waiting === 2);
  await killed.close();
  assert.equal(await lost, 'CANCELLED');
  const again = queue.submit(second);
  await sleep(100);
  assert.equal((await queue.counts()).waiting, 2, 'the same id is not doubled');
  const drawn: string[] = [];
  const serving = await serveQueue({
    ...{ url: redis.url('emptied'), shared, concurrency: 1, takeoverMs: 10_000, tell: () => {} },
    draw: async (_input, output, { clip: { frames, fps } }) => {
      drawn.push(output);
      await writeFile(output, 'clip');
      return {
        path: output,
        bytes: 4,
        frames,
        fps,
        width: 1,
        height: 1,
        format: 'webp',
        encoder: 'sharp',
        milliseconds: none,
      };
    },
  });
  assert.deepEqual([(await clip).path, (await again).path], [first.output, second.output]);
  assert.deepEqual(drawn.toSorted(), [first.output, second.output]);
  await serving.close();
});

test('a Node-RED started again finds its job at a worker: what that one meets at the old path is no last word', async () => {
  const shared = join(folder, 'moved');
  await mkdir(shared);
  const job = await request(6, shared);
  const before = await openDrawQueue({ url: redis.url('moved'), shared });
  const moved = { ...job, picture: join(shared, 'moved.jpg') };
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const drawn: string[] = [];
  const serving = await serveQueue({
    ...{ url: redis.url('moved'), shared, concurrency: 1, takeoverMs: 10_000, tell: () => {} },
    draw: async (input, output) => {
      drawn.push(input);
      if (drawn.length === 1) await held;
      await writeFile(output, await readFile(input));
      return {
        path: output,
        bytes: 4,
        frames: 1,
        fps: 1,
        width: 1,
        height: 1,
        format: 'webp',
        encoder: 'sharp',
        milliseconds: none,
      };
    },
  });
  const lost = before.submit(job).catch((error: MangaError) => error.code);
  const queue = await openQueue('moved', shared);
  await until(queue, ({ active }) => active === 1);
  await before.close();
  assert.equal(await lost, 'CANCELLED');
  await rename(job.picture, moved.picture);
  const clip = queue.submit(moved);
  // It is known to the queue that the picture has moved before the worker fails.
  for (let known = false; !known; ) {
    const connection = await connect(redis.url('moved'));
    const { bullmq, redis: client, prefix, address } = connection;
    const look = new bullmq.Queue(address.name, { connection: client, prefix });
    known = (await look.getJobs()).some((each) => (each.data as { picture: string }).picture === 'moved.jpg');
    await look.close();
    connection.close();
  }
  letGo();
  assert.equal((await clip).path, job.output);
  assert.deepEqual(
    drawn.map((path) => basename(path)),
    ['picture 6.jpg', 'moved.jpg'],
  );
  await serving.close();
});

test('a clip that becomes ready just while it is asked for comes with all that is known of it', async (t) => {
  const { Queue } = await import('bullmq');
  const read = Queue.prototype.getJob;
  // What was read of the job before it was drawn is answered once it is drawn.
  t.mock.method(Queue.prototype, 'getJob', async function (this: InstanceType<typeof Queue>, id: string) {
    const job = await read.call(this, id);
    while (job && (await this.getJobState(id)) !== 'completed') await sleep(10);
    return job;
  });
  const queue = await openQueue('midst', folder);
  const wanted = await request(7, folder);
  const clip = queue.submit(wanted);
  await until(queue, ({ waiting }) => waiting === 1);
  await startWorker('midst', '--shared', folder);
  const { path, frames, width } = await clip;
  assert.deepEqual([path, frames, width], [wanted.output, 1, 96]);
});

test('a picture that is taken back is not drawn', async () => {
  const queue = await openQueue('taken-back', folder);
  const giveUp = new AbortController();
  const clip = queue.submit(await request(5, folder), giveUp.signal);
  await until(queue, ({ waiting }) => waiting === 1);
  giveUp.abort();
  await assert.rejects(clip, { code: 'CANCELLED' });
  await until(queue, ({ waiting }) => waiting === 0);
});

test('wrong addresses and a Redis that is not there are told, without the password', async () => {
  const { host, port, password, name, tls } = parseQueueUrl('rediss://me:s%40crt@[::1]:7000');
  assert.deepEqual([host, port, password, name, tls], ['::1', 7000, 's@crt', 'motion-manga', true]);
  for (const wrong of ['', 'localhost:6379', 'http://localhost', 'redis://host/two/parts'])
    assert.throws(() => parseQueueUrl(wrong), { code: 'BAD_SETTING' }, wrong);
  const port2 = await freePort();
  await assert.rejects(openDrawQueue({ url: `redis://me:secret@127.0.0.1:${port2}` }), (error: MangaError) => {
    assert.equal(error.code, 'IO');
    assert.match(error.message, new RegExp(`127.0.0.1:${port2} cannot be reached.*ECONNREFUSED`));
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('paths in the queue do not lead out of the shared folder', async () => {
  const shared = join(folder, 'jail');
  await mkdir(join(shared, 'in'), { recursive: true });
  await symlink(folder, join(shared, 'link'));
  const jail = await SharedFolder.open(shared);
  assert.equal(await jail.toRelative(join(shared, 'in', 'a.jpg')), 'in/a.jpg');
  assert.equal(await jail.toRelative(join(folder, 'a.jpg')), undefined);
  assert.equal(await jail.toRelative(join(shared, 'link', 'a.jpg')), undefined);
  assert.ok((await jail.toAbsolute('in/a.jpg')).endsWith(join('jail', 'in', 'a.jpg')));
  for (const path of ['../a.jpg', 'in/../../a.jpg', 'link/a.jpg', '/../a.jpg', 'in/\0'])
    await assert.rejects(jail.toAbsolute(path), { code: 'BAD_INPUT' }, path);
  await assert.rejects(SharedFolder.open(join(folder, 'nothing')), { code: 'IO' });
});
