/** The session with its real parts: ONNX Runtime, the network with random weights, sharp and the clip writer. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { saveCheckpoint } from '../../lib/checkpoint/checkpoint.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random } from '../../lib/random.ts';
import { SessionHost } from '../../lib/session/host.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { clipSchema, drawSchema, outputSchema } from '../../lib/settings/settings.ts';

const clip = clipSchema.parse({ frames: 4, size: '96' });
const draw = drawSchema.parse({ size: '96' });

async function photo(): Promise<Uint8Array> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return sharp({ create: { width: 128, height: 80, channels: 3, background: 'white', noise } })
    .jpeg()
    .toBuffer();
}

test('photo to clip with the real parts; kill -9 and the next photo works; nothing is left', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-'));
  t.after(() => rm(folder, { recursive: true }));
  const { tensors } = randomWeights(generatorSpecs(DEFAULT_CONFIG), new Random(1), 'random');
  const model = path.join(folder, 'model');
  await saveCheckpoint(model, tensors, {
    ...{ format: 'motion-manga-1', name: 'random', config: DEFAULT_CONFIG, training: {} },
    ...{ dataLicence: 'none', gitCommit: 'none', created: new Date(0).toISOString() },
  });
  const session = new SessionHost(sessionSchema.parse({ id: 'real', engine: 'onnx', model }));
  t.after(() => session.shutdown());

  const started = await session.start();
  assert.deepEqual([started.engine, started.model], ['onnx', 'random']);
  const out = path.join(folder, 'out');
  const run = async (file: string) => {
    const arena = await session.openArena(file);
    const image = await session.loadPicture(arena, { bytes: await photo() });
    assert.deepEqual(image.shape, [1, 80, 128, 3]);
    const content = await session.encode(image, draw);
    const frames = await session.decode(content, clip, await session.encodeStyle(image));
    const { handles, bytes } = await session.stats();
    assert.equal(handles, 4);
    assert.ok(bytes > 80 * 128 * 3);
    assert.equal((await sharp(await session.preview(content, 256)).metadata()).format, 'png');
    const read = await session.read(frames);
    assert.deepEqual(read.shape, [4, 60, 96, 1]);
    const result = await session.writeClip(
      frames,
      outputSchema.parse({ path: path.join(out, file), encoder: 'built-in' }),
    );
    assert.deepEqual([result.frames, result.width, result.height, result.format], [4, 96, 60, 'mp4']);
    await session.closeArena(arena);
    const after = await session.stats();
    assert.deepEqual([after.handles, after.bytes, after.engineTensors], [0, 0, 0]);
    return read.data;
  };
  const first = await run('first.mp4');
  const image = await session.loadPicture(await session.openArena('lost'), { bytes: await photo() });
  const lost = Promise.allSettled([session.encode(image, drawSchema.parse({ canvas: 1280 }))]);
  process.kill((await session.stats()).pid, 'SIGKILL');
  const [end] = await lost;
  if (end.status === 'rejected') assert.equal(end.reason.code, 'SESSION_CRASHED');
  await assert.rejects(session.encodeStyle(image), { code: /STALE_HANDLE|SESSION_CRASHED/ });
  assert.ok(Buffer.from(await run('second.mp4')).length === first.length);
  assert.equal((await session.stats()).generation, 2);
  assert.deepEqual((await readdir(out)).sort(), ['first.mp4', 'second.mp4']);
});
