import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import { around, node, OTHER_PHOTO, PHOTO } from './support/flow.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
  for (const name of ['photo1.jpg', 'photo3.jpg']) copyFileSync(PHOTO, join(runtime.userDir, name));
  copyFileSync(OTHER_PHOTO, join(runtime.userDir, 'photo2.jpg'));
  writeFileSync(join(runtime.userDir, 'pan.gif'), await panningGif(100));
  writeFileSync(join(runtime.userDir, 'long.gif'), await panningGif(3000));
});
after(() => runtime.stop());

/** Six views of a photo, each 4 pixels further to the right. */
async function panningGif(milliseconds: number): Promise<Buffer> {
  const photo = sharp(PHOTO).resize({ width: 160 });
  const whole = await photo.png().toBuffer();
  const views = await Promise.all(
    Array.from({ length: 6 }, (_, t) =>
      sharp(whole)
        .extract({ left: 4 * t, top: 0, width: 120, height: 80 })
        .removeAlpha()
        .raw()
        .toBuffer(),
    ),
  );
  return sharp(Buffer.concat(views), { raw: { width: 120, height: 480, channels: 3, pageHeight: 80 } })
    .gif({ delay: Array(6).fill(milliseconds) })
    .toBuffer();
}

/** An example flow, made quick. */
function example(name: string): FlowNode[] {
  const nodes = JSON.parse(readFileSync(join(ROOT, 'examples', `${name}.json`), 'utf8')) as FlowNode[];
  return nodes.map((each) => ({
    ...each,
    ...('size' in each ? { size: '96' } : {}),
    ...('frames' in each ? { frames: '4' } : {}),
  }));
}

const idOf = (flow: readonly FlowNode[], name: string): string => flow.find((each) => each.name === name)!.id;

async function press(id: string): Promise<void> {
  assert.equal((await fetch(`${runtime.url}/inject/${id}`, { method: 'POST' })).status, 200);
}

test('the video example draws a video, under its name', async () => {
  const flow = example('11 Video in').map((each) => (each.type === 'inject' ? { ...each, payload: 'pan.gif' } : each));
  await runtime.deploy(flow);
  await press(idOf(flow, 'a video'));
  const { payload } = await runtime.message(idOf(flow, 'what was written'));
  assert.equal(payload.path, join(runtime.userDir, 'outbox', 'pan.mp4'));
  // Six tenths of a second at 12 frames a second.
  assert.deepEqual([payload.frames, payload.fps, payload.width, payload.height], [7, 12, 96, 64]);
  assert.ok(existsSync(payload.path));
});

test('what is no video is told, and leaves nothing', async () => {
  await runtime.deploy(around(node('video', 'manga-video', ['sink'], { folder: 'videos' })));
  writeFileSync(join(runtime.userDir, 'broken.mp4'), Buffer.from('000000206674797069736f6d0000', 'hex'));
  for (const [payload, code, text] of [
    ['nowhere.mp4', 'IO', /does not exist/],
    ['photo1.jpg', 'BAD_INPUT', /still picture/],
    ['broken.mp4', 'BAD_INPUT', /broken\.mp4/],
    [42, 'BAD_INPUT', /a number/],
  ] as const) {
    runtime.send('video', { payload });
    const { error } = await runtime.message('catch');
    assert.equal(error?.code, code, error?.message);
    assert.match(error!.message!, text);
  }
  assert.ok(!existsSync(join(runtime.userDir, 'videos')));
});

/** Resolves when `holds` does, which is asked whenever something changes in a folder. */
async function when(folder: string, holds: () => boolean): Promise<void> {
  const changes = watch(folder, { signal: AbortSignal.timeout(60_000) });
  if (holds()) return;
  for await (const _ of changes) if (holds()) return;
}

test('a node that is removed while it draws leaves no file', async () => {
  const folder = join(runtime.userDir, 'cut short');
  mkdirSync(folder);
  await runtime.deploy(around(node('video', 'manga-video', ['sink'], { folder: 'cut short', fps: '60', size: '128' })));
  runtime.send('video', { payload: 'long.gif' });
  await when(folder, () => readdirSync(folder).length > 0);
  assert.match(readdirSync(folder)[0]!, /\.part$/);
  await runtime.deploy(around());
  await when(folder, () => readdirSync(folder).length === 0);
});

test('the scenes example: photos on one page, and photos one after another', async () => {
  const flow = example('12 Scenes');
  await runtime.deploy(flow);
  const written = idOf(flow, 'what was written');
  await press(idOf(flow, 'a page of three panels'));
  const page = (await runtime.message(written)).payload;
  // Panels of 4 frames that begin 5 frames apart, on a page of 1 to the square root of 2.
  assert.deepEqual([page.frames, page.width, page.height], [14, 68, 96]);
  await press(idOf(flow, 'one after another'));
  const clip = (await runtime.message(written)).payload;
  // Twelve frames, less two transitions that may take half a panel.
  assert.deepEqual([clip.frames, clip.width], [8, 96]);
});

test('panels arrive in any order; the index decides', async () => {
  const scene = node('scene', 'manga-scene', ['clip'], { border: '0', transition: 'cut', frames: '1' });
  const clip = node('clip', 'manga-clip', ['sink'], { format: 'png', file: 'order', fileType: 'str' });
  await runtime.deploy(around(scene, clip));
  const parts = (index: number) => ({ id: 'story', index, count: 2 });
  const frames = async (order: readonly number[], existing: string): Promise<Buffer[]> => {
    for (const index of order) runtime.send('scene', { payload: `photo${index + 1}.jpg`, parts: parts(index) });
    const { payload } = await runtime.message('sink');
    assert.equal(payload.frames, 2, existing);
    return readdirSync(payload.path)
      .sort()
      .map((name) => readFileSync(join(payload.path, name)));
  };
  const forwards = await frames([0, 1], 'forwards');
  const backwards = await frames([1, 0], 'backwards');
  assert.ok(!forwards[0]!.equals(forwards[1]!));
  assert.deepEqual(backwards, forwards);
});

test('each panel is drawn by the form, or by what it says itself', async () => {
  const scene = node('scene', 'manga-scene', ['clip'], {
    ...{ layout: 'rows', border: '0', stagger: '0' },
    motion: 'zoom',
  });
  const clip = node('clip', 'manga-clip', ['sink'], { format: 'png', file: 'own', fileType: 'str' });
  await runtime.deploy(around(scene, clip));
  const first = async (...panels: unknown[]): Promise<Buffer[]> => {
    runtime.send('scene', { payload: panels });
    const { payload } = await runtime.message('sink');
    return readdirSync(payload.path)
      .sort()
      .map((name) => readFileSync(join(payload.path, name)));
  };
  const plain = await first('photo1.jpg', 'photo2.jpg');
  assert.equal(plain.length, 4);
  // Objects that say what the form says draw the same.
  const said = { path: 'photo2.jpg', motion: 'zoom', seed: 2 };
  assert.deepEqual(await first({ path: 'photo1.jpg' }, said), plain);
  const otherwise = await first('photo1.jpg', { ...said, motion: 'pan', direction: 'left', focusLines: 1 });
  assert.ok(!otherwise[3]!.equals(plain[3]!));
  for (const [panel, text] of [
    [{ path: 'photo1.jpg', speed: 3 }, /has speed, which is no setting of a panel/],
    [{ path: 'photo1.jpg', motion: 'fly' }, /motion/],
    [{ path: 'photo1.jpg', motion: 'zoom', direction: 'left' }, /direction/],
    [{ motion: 'pan' }, /has no path/],
  ] as const) {
    runtime.send('scene', { payload: ['photo2.jpg', panel] });
    const { error } = await runtime.message('catch');
    assert.match(error!.message!, text);
    assert.match(error!.code!, /BAD_SETTING|BAD_INPUT/);
  }
});

test('a message that is no panel is told', async () => {
  await runtime.deploy(around(node('scene', 'manga-scene', ['sink'])));
  for (const message of [
    { payload: 'photo1.jpg' },
    { payload: [] },
    { payload: [7] },
    { payload: 'photo1.jpg', parts: { id: 'a', index: 2, count: 2 } },
  ]) {
    runtime.send('scene', message);
    const { error } = await runtime.message('catch');
    assert.match(error!.code!, /BAD_INPUT|BAD_WIRING/);
  }
});
