import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { Random } from '../../lib/random.ts';
import { SessionCore } from '../../lib/session/core.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { mosaic } from '../../lib/session/preview.ts';
import type { Handle } from '../../lib/session/types.ts';
import { clipSchema, drawSchema, outputSchema } from '../../lib/settings/settings.ts';
import { deferred } from './session-deferred.ts';
import { ToyPipeline, toyParts, toyPicture } from './session-toy-parts.ts';

const draw = drawSchema.parse({});
const clip = clipSchema.parse({ frames: 5 });

function setUp(options: object = {}) {
  const pipeline = new ToyPipeline();
  const parts = toyParts(async () => pipeline);
  const core = new SessionCore(sessionSchema.parse({ id: 'a', ...options }), parts);
  return { core, pipeline, parts };
}

test('a picture goes through all stages, and closing its arena frees everything', async () => {
  const { core, pipeline } = setUp();
  assert.deepEqual(await core.start(), { engine: 'onnx', description: 'toy engine', model: 'toy model' });
  const arena = await core.openArena('photo');
  const source = toyPicture(48, 32);
  const image = await core.loadPicture(arena, source);
  assert.deepEqual(JSON.parse(JSON.stringify(image)), image);
  assert.deepEqual([image.kind, image.shape, image.dtype], ['image', [1, 32, 48, 3], 'uint8']);
  const content = await core.encode(image, draw);
  assert.deepEqual([content.kind, content.shape, content.dtype], ['content', [1, 4, 6, 16], 'float32']);
  const style = await core.encodeStyle(image);
  const frames = await core.decode(content, clip, style);
  assert.deepEqual([frames.kind, frames.shape, frames.dtype], ['frames', [5, 16, 24, 1], 'uint8']);

  assert.deepEqual((await core.read(image)).data, source.image.data);
  assert.equal((await core.read(content)).data.length, 4 * 6 * 16);
  assert.equal((await core.read(style)).data.length, 1);
  const all = await core.read(frames);
  assert.deepEqual(all.shape, [5, 16, 24, 1]);
  const part = await core.read(frames, 2, 2);
  assert.deepEqual(part.data, all.data.subarray(2 * 16 * 24, 4 * 16 * 24));
  await assert.rejects(core.read(frames, 4, 2), { code: 'BAD_INPUT', message: /frames 0 to 4/ });

  const stats = await core.stats();
  assert.deepEqual([stats.arenas, stats.handles, stats.engineTensors, stats.queued], [1, 4, 3, 0]);
  assert.equal(stats.bytes, 48 * 32 * 3 + pipeline.memory().bytes);
  await core.closeArena(arena);
  const after = await core.stats();
  assert.deepEqual([after.arenas, after.handles, after.bytes, after.engineTensors], [0, 0, 0, 0]);
  await core.closeArena(arena);
  await core.closeArena('1.99');
  await core.close();
  assert.ok(pipeline.closed);
});

test('writes a clip with every frame', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-'));
  t.after(() => rm(folder, { recursive: true }));
  const { core } = setUp();
  const image = await core.loadPicture(await core.openArena(''), toyPicture(16, 16));
  const frames = await core.decode(await core.encode(image, draw), clip);
  const result = await core.writeClip(frames, outputSchema.parse({ path: path.join(folder, 'clip') }));
  assert.deepEqual([result.frames, result.width, result.height], [5, 8, 8]);
  assert.deepEqual(new Uint8Array(await readFile(result.path)), (await core.read(frames)).data);
});

test('previews are PNGs of at most the size asked for', async () => {
  const { core } = setUp();
  const image = await core.loadPicture(await core.openArena(''), toyPicture(64, 32));
  const content = await core.encode(image, draw);
  const frames = await core.decode(content, clip);
  const size = async (handle: Handle, side: number, frame?: number) => {
    const png = await core.preview(handle, side, frame);
    const { format, width, height } = await sharp(png).metadata();
    return [format, width, height];
  };
  assert.deepEqual(await size(image, 32), ['png', 32, 16]);
  assert.deepEqual(await size(image, 512), ['png', 64, 32]);
  assert.deepEqual(await size(content, 512), ['png', 4 * 8, 4 * 4]);
  assert.deepEqual(await size(frames, 512, 4), ['png', 32, 16]);
  const shown = await sharp(await core.preview(frames, 512, 4))
    .extractChannel(0)
    .raw()
    .toBuffer();
  assert.deepEqual(new Uint8Array(shown), (await core.read(frames, 4, 1)).data);
  await assert.rejects(core.preview(frames, 512, 5), { code: 'BAD_INPUT' });
  await assert.rejects(core.preview(frames, 0), { code: 'BAD_SETTING' });
  await assert.rejects(core.preview(await core.encodeStyle(image), 32), { code: 'BAD_WIRING' });
});

test('the mosaic stretches each map by itself', () => {
  // Two maps of 1x2: 0, 10 and 5, 5 (constant), then a third that is cut off.
  const features = { shape: [1, 1, 2, 3], dtype: 'float32', data: Float32Array.of(0, 5, 9, 10, 5, 8) } as const;
  assert.deepEqual(mosaic(features, 2), { width: 4, height: 1, channels: 1, data: Uint8Array.of(0, 255, 0, 0) });
  assert.deepEqual(mosaic(features), {
    ...{ width: 4, height: 2, channels: 1 },
    data: Uint8Array.of(0, 255, 0, 0, 255, 0, 0, 0),
  });
});

test('stale, foreign and wrong handles say what to do', async () => {
  const { core, parts } = setUp();
  const other = new SessionCore(sessionSchema.parse({ id: 'b' }), parts);
  const arena = await core.openArena('');
  const image = await core.loadPicture(arena, toyPicture(16, 16));
  const content = await core.encode(image, draw);
  const frames = await core.decode(content, clip);

  await assert.rejects(core.encode(frames, draw), {
    code: 'BAD_WIRING',
    message:
      'The encoder needs an image handle, but got a frames handle. Wire an image node (or a hot folder) in front.',
  });
  await assert.rejects(core.decode(content, clip, image), { code: 'BAD_WIRING', message: /style input needs a style/ });
  await assert.rejects(core.decode(Buffer.of(1) as never, clip), { code: 'BAD_WIRING', message: /got a Buffer/ });
  await assert.rejects(core.encode(undefined as never, draw), { code: 'BAD_WIRING', message: /got nothing/ });
  await assert.rejects(core.encode({ ...content, kind: 'image' }, draw), { code: 'BAD_WIRING' });
  await assert.rejects(other.encode(image, draw), { code: 'FOREIGN_HANDLE', message: /session 'a', not to 'b'/ });
  await assert.rejects(core.encode(image, { ...draw, canvas: -1 }), { code: 'BAD_SETTING', message: /canvas/ });

  await core.closeArena(arena);
  await assert.rejects(core.encode(image, draw), {
    code: 'STALE_HANDLE',
    message: /was closed.*Send the picture again/,
  });
  await assert.rejects(core.loadPicture(arena, toyPicture(8, 8)), { code: 'STALE_HANDLE' });
  const fresh = await core.loadPicture(await core.openArena(''), toyPicture(16, 16));
  await core.close();
  await assert.rejects(core.encode(fresh, draw), { code: 'STALE_HANDLE', message: /session closed.*again/ });
  await assert.rejects(core.loadPicture(fresh.arena, toyPicture(8, 8)), {
    code: 'STALE_HANDLE',
    message: /session closed/,
  });
  assert.equal((await core.stats()).generation, 2);
  const again = await core.loadPicture(await core.openArena(''), toyPicture(16, 16));
  assert.equal(again.generation, 2);
  await core.encode(again, draw);
  assert.equal((await core.stats()).handles, 2);
});

test('two sessions keep apart', async () => {
  const one = setUp({ id: 'one' });
  const two = setUp({ id: 'two' });
  const first = await one.core.loadPicture(await one.core.openArena(''), toyPicture(16, 16));
  const second = await two.core.loadPicture(await two.core.openArena(''), toyPicture(24, 16));
  await assert.rejects(two.core.decode(await one.core.encode(first, draw), clip), { code: 'FOREIGN_HANDLE' });
  await one.core.close();
  assert.deepEqual((await two.core.encode(second, draw)).shape, [1, 2, 3, 16]);
  assert.equal(two.pipeline.closed, false);
});

// A picture of 500x500 takes 750 kB, its content 250 kB, and the estimate for its clip is 500 kB.
const SIDE = 500;

test('the budget: refuses what does not fit, names the setting, and keeps nothing of it', async () => {
  const { core } = setUp({ memoryMb: 1 });
  const arena = await core.openArena('');
  const image = await core.loadPicture(arena, toyPicture(SIDE, SIDE));
  const oom = { code: 'OUT_OF_MEMORY', message: /1 MB of its 1 MB.*memoryMb/ };
  await assert.rejects(core.encode(image, draw), oom);
  await assert.rejects(core.loadPicture(arena, toyPicture(SIDE, SIDE)), oom);
  assert.equal((await core.stats()).bytes, SIDE * SIDE * 3);
  const small = await core.encode(await core.loadPicture(arena, toyPicture(64, 64)), draw);
  assert.equal(small.kind, 'content');
  await core.closeArena(arena);
  assert.equal((await core.stats()).bytes, 0);
});

test('weights count against the budget', async () => {
  const { core, pipeline } = setUp({ memoryMb: 1 });
  pipeline.memory = () => ({ tensors: 1, bytes: 900_000 });
  await core.start();
  await assert.rejects(core.loadPicture(await core.openArena(''), toyPicture(200, 200)), { code: 'OUT_OF_MEMORY' });
});

test('under pressure arenas idle for 2 s make room, oldest first, and busy ones never', async () => {
  const { core } = setUp({ memoryMb: 2 });
  const load = async () => core.loadPicture(await core.openArena(''), toyPicture(SIDE, SIDE));
  const oldest = await load();
  const older = await load();
  await assert.rejects(load(), { code: 'OUT_OF_MEMORY' });
  await sleep(2050);
  const newest = await load();
  await assert.rejects(core.read(oldest), { code: 'STALE_HANDLE', message: /make room.*memoryMb/ });
  await core.read(older);
  await core.read(newest);
  await assert.rejects(load(), { code: 'OUT_OF_MEMORY' });
});

test('an arena that nothing uses is closed after the idle time, one in use is not', async () => {
  const { core } = setUp({ idleSeconds: 0.4 });
  const idle = await core.loadPicture(await core.openArena(''), toyPicture(64, 64));
  const used = await core.loadPicture(await core.openArena(''), toyPicture(64, 64));
  const end = performance.now() + 1000;
  while (performance.now() < end) {
    await core.read(used);
    await sleep(10);
  }
  await assert.rejects(core.read(idle), { code: 'STALE_HANDLE', message: /nothing used it for 0\.4 s.*idleSeconds/ });
  assert.equal((await core.stats()).handles, 1);
  await core.close();
});

test('a running call keeps its arena from being idle', async () => {
  const { core, pipeline } = setUp({ idleSeconds: 0.05 });
  const encode = pipeline.encode.bind(pipeline);
  pipeline.encode = async (...args) => {
    await sleep(200);
    return encode(...args);
  };
  const image = await core.loadPicture(await core.openArena(''), toyPicture(16, 16));
  assert.equal((await core.encode(image, draw)).kind, 'content');
  await core.close();
});

test('closing an arena cancels its calls at once, and frees their inputs and results once the work has ended', async () => {
  const { core, pipeline } = setUp();
  const began = deferred<void>();
  const gate = deferred<void>();
  const encode = pipeline.encode.bind(pipeline);
  pipeline.encode = async (...args) => {
    began.resolve();
    await gate.promise;
    return encode(...args);
  };
  const arena = await core.openArena('');
  const image = await core.loadPicture(arena, toyPicture(16, 16));
  const running = core.encode(image, draw);
  const waiting = core.encode(image, draw);
  await began.promise;
  const closing = core.closeArena(arena);
  await assert.rejects(running, { code: 'CANCELLED', message: /job was closed/ });
  await assert.rejects(waiting, { code: 'CANCELLED' });
  assert.equal((await core.stats()).bytes, 16 * 16 * 3, 'the input is in use');
  gate.resolve();
  await closing;
  assert.equal((await core.stats()).bytes, 0);
  assert.deepEqual(pipeline.memory(), { tensors: 0, bytes: 0 });
});

test('a signal cancels one call and leaves the arena', async () => {
  const { core } = setUp();
  const image = await core.loadPicture(await core.openArena(''), toyPicture(64, 64));
  const abort = new AbortController();
  const running = core.encode(image, { ...draw, canvas: 50 }, abort.signal);
  const next = core.encode(image, draw);
  abort.abort(new MangaError('CANCELLED', 'enough'));
  await assert.rejects(running, { code: 'CANCELLED', message: 'enough' });
  assert.equal((await next).kind, 'content');
  assert.equal((await core.stats()).handles, 2);
});

test('an engine that does not load is tried again by the next call', async () => {
  let tries = 0;
  const parts = toyParts(async () => {
    if (++tries === 1) throw new MangaError('ENGINE_MISSING', 'No engine.');
    return new ToyPipeline();
  });
  const core = new SessionCore(sessionSchema.parse({}), parts);
  const image = await core.loadPicture(await core.openArena(''), toyPicture(16, 16));
  await assert.rejects(core.encode(image, draw), { code: 'ENGINE_MISSING' });
  assert.equal((await core.encode(image, draw)).kind, 'content');
});

test('what the parts throw becomes a MangaError', async () => {
  const { core, pipeline } = setUp();
  const image = await core.loadPicture(await core.openArena(''), toyPicture(16, 16));
  const cause = new RangeError('index out of range');
  pipeline.encode = () => Promise.reject(cause);
  await assert.rejects(core.encode(image, draw), (error: MangaError) => {
    assert.deepEqual([error.name, error.code, error.message], ['MangaError', 'INTERNAL', cause.message]);
    assert.equal(error.cause, cause);
    return true;
  });
});

test('random interleavings of opening, working, cancelling and closing leak nothing', async () => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const { core, pipeline } = setUp({ memoryMb: 1 });
    const expected = new Set(['CANCELLED', 'STALE_HANDLE', 'OUT_OF_MEMORY', 'SESSION_CLOSED']);
    const arenas: string[] = [];
    const handles: Handle[] = [];
    const calls: Promise<unknown>[] = [];
    const ends = (call: Promise<unknown>): void => {
      calls.push(call.catch((error) => assert.ok(expected.has(error.code), `seed ${seed}: ${error.stack}`)));
    };
    const made = (call: Promise<Handle>): void => ends(call.then((handle) => handles.push(handle)));
    const one = (kind: string): Handle | undefined => {
      const some = handles.filter((handle) => handle.kind === kind);
      return some.length > 0 ? random.pick(some) : undefined;
    };
    const signal = (): AbortSignal | undefined => {
      if (random.int(4) > 0) return undefined;
      const abort = new AbortController();
      setImmediate(() => abort.abort());
      return abort.signal;
    };
    for (let step = 0; step < 150; step++) {
      const image = one('image');
      const content = one('content');
      const frames = one('frames');
      const action = random.int(9);
      if (action === 0 || arenas.length === 0) arenas.push(await core.openArena(''));
      else if (action === 1) ends(core.closeArena(random.pick(arenas)));
      else if (action <= 3)
        made(core.loadPicture(random.pick(arenas), toyPicture(8 * (1 + random.int(25)), 160), signal()));
      else if (action === 4 && image) made(core.encode(image, { ...draw, canvas: random.int(4) }, signal()));
      else if (action === 5 && image) made(core.encodeStyle(image, 0.5, signal()));
      else if (action === 6 && content) made(core.decode(content, clip, one('style'), undefined, signal()));
      else if (action === 7 && frames) ends(core.read(frames, 0, 3, signal()));
      else if (random.int(40) === 0) ends(core.close());
      if (random.int(3) === 0) await new Promise(setImmediate);
      assert.ok((await core.stats()).bytes <= 1e6 + 8 * 25 * 160 * 3);
    }
    for (const arena of arenas) ends(core.closeArena(arena));
    await Promise.all(calls);
    const stats = await core.stats();
    assert.deepEqual([stats.arenas, stats.handles, stats.bytes, stats.queued], [0, 0, 0, 0], `seed ${seed}`);
    assert.deepEqual(pipeline.memory(), { tensors: 0, bytes: 0 }, `seed ${seed}`);
    await core.close();
    for (const handle of handles) kinds.add(handle.kind);
  }
  assert.deepEqual([...kinds].sort(), ['content', 'frames', 'image', 'style']);
});
