/** motion-manga evaluate in a process of its own: the real engine, random weights, small pictures. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import type { Evaluation } from '../../lib/metrics/evaluate.ts';
import { motionManga, writePhoto, writeRandomModel } from './cli-support.ts';
import { drawFrame, temporaryFolder } from './media-support.ts';

test('generator, peer and the photo itself, as JSON and as a report', async (t) => {
  const folder = temporaryFolder(t);
  const at = (...parts: string[]) => path.join(folder, ...parts);
  for (const name of ['photos', 'pages']) mkdirSync(at(name));
  await writePhoto(at('photos', 'boats.jpg'), 300, 200);
  writeFileSync(at('photos', 'broken.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 1, 2, 3]));
  const page = (seed: number) => sharp(drawFrame(240, 320, 1, seed), { raw: { width: 240, height: 320, channels: 1 } });
  await page(1).png().toFile(at('pages', '001.png'));
  mkdirSync(at('peer', 'boats', 'pan'), { recursive: true });
  const part = page(1).extract({ left: 20, top: 100, width: 192, height: 128 });
  await part
    .resize(512, 341, { fit: 'fill' })
    .png()
    .toFile(at('peer', 'boats', 'drawing.png'));
  const flicker = ['#000', '#fff', '#000', '#fff'];
  for (const [k, background] of flicker.entries()) {
    const frame = sharp({ create: { width: 64, height: 64, channels: 3, background } });
    await frame.png().toFile(at('peer', 'boats', 'pan', `frame_000${k + 1}.png`));
  }
  const model = await writeRandomModel(at('model'));
  const report = at('report.html');
  const run = await motionManga([
    ...[
      'evaluate',
      '--photos',
      at('photos'),
      '--pages',
      at('pages'),
      '--peer',
      at('peer'),
      '--report',
      report,
      '--json',
    ],
    ...['--model', model, '--camera', '--canvas', '96', '--size', '64', '--frames', '4', '--seeds', '2'],
  ]).ended;
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /Left out: broken\.jpg/);
  const result = JSON.parse(run.stdout) as Evaluation;
  assert.deepEqual([result.photos, result.correspondences], [['boats'], 'camera']);
  assert.deepEqual(result.pages!.titles, [{ name: 'pages', pages: 1, toOthers: null }]);
  const [ours, peer, photo] = result.subjects;
  assert.deepEqual(
    result.subjects.map(({ subject }) => subject),
    ['random', 'peer', 'the photo itself'],
  );
  assert.deepEqual(Object.keys(ours!.moves), ['zoom', 'pan', 'shake']);
  assert.ok(ours!.setDistance! > 0 && ours!.contentDistance! > 0 && ours!.diversity! > 0);
  // The peer's picture is a part of the page; black to white and back is the largest error there is.
  assert.ok(peer!.setDistance! < photo!.setDistance!, `${peer!.setDistance} and ${photo!.setDistance}`);
  assert.ok(Math.abs(peer!.temporal!.eWarp1! - 1) < 1e-6, String(peer!.temporal!.eWarp1));
  assert.deepEqual([peer!.diversity, photo!.contentDistance], [null, 0]);
  assert.ok(photo!.temporal!.eWarp1! < 0.001);

  const html = readFileSync(report, 'utf8');
  assert.match(html, /name="viewport"/);
  assert.doesNotMatch(html, /(src|href)="(?!data:)/, 'it needs no other file');
  const pictures = [...html.matchAll(/src="data:image\/webp;base64,([^"]+)"/g)];
  assert.equal(pictures.length, 3 + 3 * 3 + 3, 'photo, two drawings, three strips of ours and one of the peer');
  const { width } = await sharp(Buffer.from(pictures[0]![1]!, 'base64')).metadata();
  assert.equal(width, 256);
});

test('without a camera the motion is estimated', async (t) => {
  const folder = temporaryFolder(t);
  await writePhoto(path.join(folder, 'boats.jpg'));
  const model = await writeRandomModel(path.join(folder, 'model'));
  const options = ['--size', '48', '--frames', '3', '--seeds', '0', '--motion', 'pan', '--model', model, '--json'];
  const run = await motionManga(['evaluate', '--photos', folder, ...options]).ended;
  assert.equal(run.code, 0, run.stderr);
  const { correspondences, subjects, pages } = JSON.parse(run.stdout) as Evaluation;
  assert.deepEqual([correspondences, pages], ['estimated', null]);
  assert.deepEqual(Object.keys(subjects[0]!.moves), ['pan']);
  assert.deepEqual([subjects[0]!.setDistance, subjects[0]!.diversity], [null, null]);
});

test('wrong options are named, with what to write instead', async () => {
  for (const [args, message] of [
    [[], /--photos FOLDER/],
    [['--photos', 'a', 'b'], /What is b/],
    [['--photos', 'a', '--seeds', 'many'], /seeds/],
    [['--photos', 'a', '--camera', '--size', '64x32'], /one number/],
    [['--photos', 'a', '--turbo'], /turbo/],
  ] as const) {
    const run = await motionManga(['evaluate', ...args]).ended;
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, message);
  }
});
