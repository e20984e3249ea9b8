/** The manga-metrics node in a real Node-RED. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import type { Evaluation } from '../../lib/metrics/evaluate.ts';
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

const evaluationOf = (message: Received) => (message as Received & { metrics: Evaluation }).metrics;
/** For an evaluation: it starts an engine, too. */
const WAIT_MS = 240_000;
/** Small and quick; the camera still moves. */
const QUICK = { measures: 'photos', seeds: '2', frames: '4', size: '64' };

test('a folder of photos is drawn and measured as the command line does it, with a report', async () => {
  for (const folder of ['photos', 'titles']) mkdirSync(join(runtime.userDir, folder));
  copyFileSync(PHOTO, join(runtime.userDir, 'photos', 'boats.jpg'));
  writeFileSync(join(runtime.userDir, 'photos', 'broken.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2, 3]));
  copyFileSync(OTHER_PHOTO, join(runtime.userDir, 'titles', 'page.jpg'));
  const settings = { ...QUICK, session: 'session', pages: 'titles', report: 'reports/evaluation.html' };
  await runtime.deploy(around(node('metrics', 'manga-metrics', ['sink'], settings)));
  runtime.send('metrics', { payload: 'photos', settings: { canvas: 96 } });
  const message = await runtime.message('sink', WAIT_MS);
  const evaluation = evaluationOf(message);
  assert.deepEqual([evaluation.format, evaluation.correspondences], ['motion-manga-evaluation-1', 'camera']);
  assert.deepEqual(evaluation.photos, ['boats']);
  const [ours, photo] = evaluation.subjects;
  assert.deepEqual([ours!.subject, photo!.subject], ['ink', 'the photo itself']);
  assert.deepEqual(Object.keys(ours!.moves), ['zoom', 'pan', 'shake']);
  assert.ok(ours!.setDistance! > 0 && ours!.contentDistance! > 0 && ours!.diversity! > 0);
  assert.equal(photo!.contentDistance, 0);
  assert.ok(message.manga.timings.metrics > 0);
  const html = readFileSync(join(runtime.userDir, 'reports', 'evaluation.html'), 'utf8');
  assert.match(html, /Evaluation of ink/);
  assert.equal(html.match(/src="data:image\/webp/g)!.length, 2 + 3 * 3);
  const arguments_ = [
    '--photos',
    join(runtime.userDir, 'photos'),
    '--pages',
    join(runtime.userDir, 'titles'),
    '--camera',
  ];
  const small = ['--canvas', '96', '--size', '64', '--frames', '4', '--seeds', '2', '--json'];
  const cli = spawnSync(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'evaluate', ...arguments_, ...small]);
  assert.deepEqual(JSON.parse(cli.stdout.toString()), evaluation, cli.stderr.toString());
});

test('a folder that cannot be evaluated goes to the catch node, and another model may draw', async () => {
  const settings = { ...QUICK, model: 'pencil', camera: false, seeds: '0', frames: '2' };
  await runtime.deploy(around(node('metrics', 'manga-metrics', ['sink'], settings)));
  for (const [message, code] of [
    [{ payload: 12 }, 'BAD_INPUT'],
    [{ payload: 'nowhere' }, 'IO'],
    [{ payload: 'photos', settings: { sizes: 3 } }, 'BAD_SETTING'],
  ] as const) {
    runtime.send('metrics', message);
    assert.equal((await runtime.message('catch')).error!.code, code);
  }
  runtime.send('metrics', { payload: ['photos'], settings: { motion: 'pan' } });
  const { correspondences, subjects, pages } = evaluationOf(await runtime.message('sink', WAIT_MS));
  assert.deepEqual([correspondences, subjects[0]!.subject, pages], ['estimated', 'pencil', null]);
  assert.deepEqual(Object.keys(subjects[0]!.moves), ['pan']);
});

test('a deploy ends an evaluation', async () => {
  const metrics = node('metrics', 'manga-metrics', ['sink'], { ...QUICK, size: '256', seeds: '64' });
  await runtime.deploy(around(metrics));
  runtime.send('metrics', { payload: 'photos' });
  await runtime.deploy(around({ ...metrics, name: 'renamed' }));
  assert.equal((await runtime.message('catch')).error!.code, 'CANCELLED');
});

test('the example flow tells the figures of a photo', async () => {
  const flow = JSON.parse(readFileSync(join(ROOT, 'examples', '10 Metrics.json'), 'utf8')) as FlowNode[];
  // Without the camera its canvas of 384 pixels is not drawn.
  const small = { size: '96', frames: '4', seeds: '2', camera: false };
  await runtime.deploy(flow.map((each) => ('frames' in each ? { ...each, ...small } : each)));
  const idOf = (wanted: string): string => flow.find(({ name }) => name === wanted)!.id;
  const press = async (name: string): Promise<void> => {
    assert.equal((await fetch(`${runtime.url}/inject/${idOf(name)}`, { method: 'POST' })).status, 200);
  };
  await press('a photo');
  assert.equal(metricsOf(await runtime.message(idOf('figures'))).frames, 4);
  await press('a folder of photos');
  const { photos, subjects } = evaluationOf(await runtime.message(idOf('figures of the folder'), WAIT_MS));
  assert.deepEqual(photos, ['airplane', 'allium', 'alps', 'march', 'nagasaki']);
  assert.ok(subjects[0]!.setDistance! > 0 && subjects[0]!.diversity! > 0);
  assert.ok(existsSync(join(runtime.userDir, 'evaluation.html')));
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
