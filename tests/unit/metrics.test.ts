/** The pieces of the measurements: protocol, flow, feature networks, crops of pages, the measuring process. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { cameraCorrespondence } from '../../lib/metrics/camera.ts';
import { clipMetrics } from '../../lib/metrics/clip-metrics.ts';
import { runFeatures } from '../../lib/metrics/features/feature-extractor.ts';
import { exposeLayers } from '../../lib/metrics/features/onnx-file.ts';
import { loadSmallFeatures } from '../../lib/metrics/features/small.ts';
import { type FrameBlock, frameOf, joinFrames } from '../../lib/metrics/frames.ts';
import { listTitles, pageCrops } from '../../lib/metrics/page-crops.ts';
import { contentClips } from '../../lib/metrics/photo-subject.ts';
import type { Picture } from '../../lib/metrics/picture.ts';
import { ClipMeter } from '../../lib/metrics/process/clip-report.ts';
import { namedFrames } from '../../lib/metrics/process/frame-files.ts';
import { MetricsProcess } from '../../lib/metrics/process/metrics-process.ts';
import { SK5, SK5_MOVES, sk5Camera } from '../../lib/metrics/sk5.ts';
import { temporalMetrics } from '../../lib/metrics/temporal.ts';
import { insideMask } from '../../lib/metrics/warp-error.ts';
import { warpPicture } from '../../lib/metrics/warp-picture.ts';
import { encodeModel } from '../../lib/network/onnx/model.ts';
import { Random } from '../../lib/random.ts';
import { colourPicture, drawFrame, refusal, temporaryFolder } from './media-support.ts';

/** Smooth blobs: something optical flow can hold on to. */
function blobs(side: number, seed: number): Picture {
  const random = new Random(seed);
  const waves = Array.from(
    { length: 12 },
    () => [random.normal() / 7, random.normal() / 7, random.uniform(0, 6)] as const,
  );
  const data = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const sum = waves.reduce((total, [u, v, phase]) => total + Math.sin(u * x + v * y + phase), 0);
      data[y * side + x] = Math.max(0, Math.min(255, 128 + 30 * sum));
    }
  }
  return { width: side, height: side, channels: 1, data };
}

async function listed<E>(items: AsyncIterable<E>): Promise<E[]> {
  const list: E[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const still = { zoom: 1, rotation: 0, panX: 0, panY: 0 };

/** A picture panned by `step` pixels a frame. */
const panned = (canvas: Picture, count: number, step: number, side: number): FrameBlock =>
  joinFrames(
    Array.from({ length: count }, (_, t) =>
      warpPicture(canvas, { ...still, panX: (t * step) / canvas.width }, side, side),
    ),
  );

test('SK5-cam: the moves stay on the canvas, begin and end as the protocol says', () => {
  for (const move of SK5_MOVES) {
    for (const { zoom, rotation, panX, panY } of sk5Camera(move)) {
      const reach = (SK5.size / 2 / zoom) * (Math.cos(rotation) + Math.abs(Math.sin(rotation)));
      assert.ok(reach + Math.max(Math.abs(panX), Math.abs(panY)) * SK5.canvas <= SK5.canvas / 2, move);
    }
  }
  assert.equal(sk5Camera('zoom').at(-1)!.zoom, 1.25);
  const [first, last] = [sk5Camera('pan')[0]!, sk5Camera('pan').at(-1)!];
  assert.deepEqual(
    [first.panX * 384, last.panX * 384, last.panY * 384].map((x) => x.toFixed(4)),
    ['-30.3000', '30.3000', '10.1000'],
  );
  assert.throws(() => sk5Camera('pan', 100), /2 to 32 frames/);
});

test('a photo under the camera is still by the camera, and not by another one', async (t) => {
  const file = path.join(temporaryFolder(t), 'photo.png');
  await colourPicture(120, 100).blur(2).toFile(file);
  const sizes = { canvas: 96, size: 64, frames: 4 };
  for (const { move, frames, correspond } of await contentClips({ name: 'photo', file }, sizes)) {
    const { eWarp1, contrast } = temporalMetrics(frames, correspond!);
    assert.ok(eWarp1! < 0.0002 && contrast > 0.05, `${move}: ${eWarp1}, ${contrast}`);
    const standing = temporalMetrics(frames, () => {
      const map = cameraCorrespondence(still, still, frames, { width: 96, height: 96 });
      return { map, mask: insideMask(map) };
    });
    assert.ok(standing.eWarp1! > 5 * eWarp1!, `${move}: ${standing.eWarp1} when nothing moved`);
  }
});

test('estimated flow: a pan is measured, flicker is told from it', () => {
  const frames = panned(blobs(120, 1), 4, 1.6, 80);
  const calm = clipMetrics(frames, null);
  assert.ok(Math.abs(calm.motion! - 1.6) < 0.15, `motion ${calm.motion}`);
  assert.ok(calm.rmse1! < 0.02, `rmse ${calm.rmse1}`);
  assert.equal(calm.eWarp10, null);
  const random = new Random(3);
  const noisy = {
    ...frames,
    data: frames.data.map((value) => Math.max(0, Math.min(255, value + 25 * random.normal()))),
  };
  const restless = clipMetrics(noisy, null);
  assert.ok(restless.rmse1! > 3 * calm.rmse1!, `rmse ${restless.rmse1} with noise, ${calm.rmse1} without`);
});

test('blank frames have no nE, and no error', () => {
  const blank: FrameBlock = { count: 2, width: 32, height: 32, channels: 1, data: new Uint8Array(2048).fill(255) };
  const { eWarp1, nE, contrast } = clipMetrics(blank, null);
  assert.deepEqual([eWarp1, nE, contrast], [0, null, 0]);
});

test('inner layers of an ONNX file become outputs', async () => {
  const port = (name: string) => ({ name, dtype: 'float32' as const, shape: [1, 3, 'h', 'w'] });
  const model = encodeModel({
    name: 'two',
    nodes: [
      { type: 'Neg', inputs: ['x'], output: 'inner', attributes: {} },
      { type: 'Neg', inputs: ['inner'], output: 'last', attributes: {} },
    ],
    constants: new Map(),
    inputs: [port('x')],
    outputs: [port('last')],
  });
  const network = await runFeatures(exposeLayers(model, ['inner']), 'two.onnx', ['inner']);
  const [map] = await network.extract({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) });
  assert.deepEqual([map!.channels, map!.positions, ...map!.data.map((x) => x + 0)], [3, 2, 0, -1, 0, -1, 0, -1]);
  await network.close();
  const error = await refusal(runFeatures(exposeLayers(model, ['absent']), 'two.onnx', ['absent']));
  assert.equal(error.code, 'BAD_INPUT');
});

test('the shipped network: grey is the same as equal colours, deeper layers are smaller', async () => {
  const network = await loadSmallFeatures();
  const grey = blobs(32, 2);
  const colour: Picture = {
    ...grey,
    channels: 3,
    data: Uint8Array.from({ length: 3072 }, (_, i) => grey.data[Math.floor(i / 3)]!),
  };
  const [a, b] = [await network.extract(grey), await network.extract(colour)];
  assert.deepEqual(a, b);
  assert.deepEqual(
    a.map(({ positions }) => positions),
    [1024, 256, 64, 16],
  );
  await network.close();
});

test('crops of pages: drawn enough, reproducible, one title a folder', async (t) => {
  const folder = temporaryFolder(t);
  for (const title of ['a', 'b']) {
    await mkdir(path.join(folder, title));
    const page = sharp(drawFrame(200, 280, 1, title.charCodeAt(0)), { raw: { width: 200, height: 280, channels: 1 } });
    await page.png().toFile(path.join(folder, title, '001.png'));
  }
  const titles = await listTitles(folder);
  assert.deepEqual(
    titles.map(({ name, files }) => [name, files.length]),
    [
      ['a', 1],
      ['b', 1],
    ],
  );
  const take = () => listed(pageCrops(titles[0]!, { size: 64, count: 5 }));
  const crops = await take();
  assert.deepEqual(crops, await take());
  for (const { width, height, channels } of crops) assert.deepEqual([width, height, channels], [64, 64, 1]);

  await sharp({ create: { width: 200, height: 280, channels: 3, background: '#fff' } })
    .png()
    .toFile(path.join(folder, 'blank.png'));
  const blank = (await listTitles(folder)).find(({ files }) => files[0]!.endsWith('blank.png'))!;
  assert.equal((await refusal(listed(pageCrops(blank, { size: 64, count: 2 })))).code, 'BAD_INPUT');
  assert.equal((await refusal(listTitles(path.join(folder, 'none')))).code, 'IO');
});

test('the measuring process answers as its meter does, tells errors, and can be closed', async (t) => {
  const folder = temporaryFolder(t);
  const frames = panned(blobs(100, 5), 20, 1, 64);
  const files: string[] = [];
  for (let k = 0; k < 20; k++) {
    const { width, height, data } = frameOf(frames, k);
    files.push(path.join(folder, `frame_${k}.png`));
    await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(files[k]!);
  }
  const here = new ClipMeter();
  const question = { files, pages: folder, features: '' };
  const measuring = new MetricsProcess();
  try {
    const [report, expected] = await Promise.all([measuring.measure(question), here.measure(question)]);
    assert.deepEqual(report, expected);
    assert.ok(report.setDistance! > 0 && report.setDistance! < 1);
    assert.deepEqual([report.frames, report.width, report.height], [20, 64, 64]);
    const { outputs, pages } = report.kernelDistance!;
    assert.deepEqual([outputs, pages], [20, 60]);
    assert.equal((await here.measure({ ...question, files: files.slice(0, 19) })).kernelDistance, null);
    await writeFile(path.join(folder, 'text.png'), 'no picture');
    const broken = { ...question, files: [files[0]!, path.join(folder, 'text.png')] };
    assert.equal((await refusal(measuring.measure(broken))).code, 'BAD_INPUT');
    const cut = measuring.measure(question);
    measuring.close();
    await assert.rejects(cut, { code: 'SESSION_CLOSED' });
    await assert.rejects(measuring.measure(question), { code: 'SESSION_CLOSED' });
  } finally {
    measuring.close();
    await here.close();
  }
});

test('frames of a message: lists and folders; anything else says what to send', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['b.png', 'a.png', 'notes.txt']) await writeFile(path.join(folder, name), '');
  const at = (file: string) => path.resolve(folder, file);
  assert.deepEqual(await namedFrames('.', at), [at('a.png'), at('b.png')]);
  assert.deepEqual(await namedFrames(['b.png', 'a.png'], at), [at('b.png'), at('a.png')]);
  for (const wrong of [undefined, 3, '', ['a.png'], [1, 2], 'a.png']) {
    assert.equal((await refusal(namedFrames(wrong, at))).code, 'BAD_INPUT', String(wrong));
  }
  assert.equal((await refusal(namedFrames('gone', at))).code, 'IO');
});
