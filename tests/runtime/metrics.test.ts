/** The manga-metrics node in a real Node-RED. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import type { ClipReport } from '../../lib/metrics/process/clip-report.ts';
import { around, node, OTHER_PHOTO, PHOTO } from './support/flow.ts';
import { type FlowNode, type Received, ROOT, Runtime } from './support/runtime.ts';

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

const metricsOf = (message: Received) => (message as Received & { metrics: ClipReport }).metrics;
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('motion-manga-metrics-'));

test('a clip of the session is measured, and travels on', async () => {
  const pages = join(runtime.userDir, 'pages');
  mkdirSync(pages);
  copyFileSync(OTHER_PHOTO, join(pages, 'page.jpg'));
  await runtime.deploy(
    around(
      node('stylize', 'manga-stylize', ['metrics'], { motion: 'pan' }),
      node('metrics', 'manga-metrics', ['sink'], { pages: 'pages' }),
    ),
  );
  const before = leftovers();
  runtime.send('stylize', { payload: PHOTO });
  const message = await runtime.message('sink');
  const { temporal, ...report } = metricsOf(message);
  assert.deepEqual([report.format, report.frames, report.correspondences], ['motion-manga-metrics-1', 4, 'estimated']);
  assert.equal(Math.max(report.width, report.height), 96);
  assert.ok(temporal.eWarp1! >= 0 && temporal.contrast > 0.1 && temporal.motion! > 0);
  assert.equal(temporal.eWarp10, null);
  assert.ok(report.setDistance! > 0);
  assert.equal(message.payload.kind, 'frames');
  assert.ok(message.manga.timings.metrics >= 0);
  assert.deepEqual(leftovers(), before);
});

test('frames of another program: black and white in turn are as restless as can be', async () => {
  const folder = join(runtime.userDir, 'frames');
  mkdirSync(folder);
  for (const [k, background] of ['#000', '#fff', '#000'].entries()) {
    await sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toFile(join(folder, `frame_000${k + 1}.png`));
  }
  await runtime.deploy(around(node('metrics', 'manga-metrics', ['sink'])));
  for (const payload of ['frames', ['frames/frame_0001.png', 'frames/frame_0002.png']]) {
    runtime.send('metrics', { payload });
    const { temporal, setDistance } = metricsOf(await runtime.message('sink'));
    assert.equal(temporal.eWarp1, 1);
    assert.equal(setDistance, null);
  }
});

test('the example flow tells the figures of a photo', async () => {
  const flow = JSON.parse(readFileSync(join(ROOT, 'examples', '10 Metrics.json'), 'utf8')) as FlowNode[];
  await runtime.deploy(flow.map((each) => ('frames' in each ? { ...each, size: '96', frames: '4' } : each)));
  const inject = flow.find(({ type }) => type === 'inject')!.id;
  assert.equal((await fetch(`${runtime.url}/inject/${inject}`, { method: 'POST' })).status, 200);
  const message = await runtime.message(flow.find(({ name }) => name === 'figures')!.id);
  assert.equal(metricsOf(message).frames, 4);
});

test('what cannot be measured goes to the catch node, saying what to send', async () => {
  await runtime.deploy(around(node('metrics', 'manga-metrics', ['sink'])));
  for (const [payload, code] of [
    [12, 'BAD_INPUT'],
    ['nowhere', 'IO'],
  ] as const) {
    runtime.send('metrics', { payload });
    const { error } = await runtime.message('catch');
    assert.equal(error!.code, code);
    assert.ok(error!.cause!.hint);
  }
});

test('a deploy ends what is being measured', async () => {
  const frames = node('metrics', 'manga-metrics', ['sink']);
  await runtime.deploy(around(frames));
  runtime.send('metrics', { payload: 'frames' });
  await runtime.deploy(around({ ...frames, name: 'renamed' }));
  assert.equal((await runtime.message('catch')).error!.code, 'CANCELLED');
  runtime.send('metrics', { payload: 'frames' });
  assert.equal(metricsOf(await runtime.message('sink')).frames, 3);
});
