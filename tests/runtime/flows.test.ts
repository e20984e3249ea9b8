import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import { around, chain, node, OTHER_PHOTO, PHOTO } from './support/flow.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
  copyFileSync(PHOTO, join(runtime.userDir, 'photo.jpg'));
  copyFileSync(OTHER_PHOTO, join(runtime.userDir, 'page.jpg'));
});
after(() => runtime.stop());

/** An example flow, made quick: small clips of a few frames. */
function example(name: string): FlowNode[] {
  const nodes = JSON.parse(readFileSync(join(ROOT, 'examples', `${name}.json`), 'utf8')) as FlowNode[];
  return nodes.map((each) => ({
    ...each,
    ...('size' in each ? { size: '96' } : {}),
    ...(each.framesType === 'num' ? { frames: '6' } : {}),
  }));
}

const idOf = (flow: readonly FlowNode[], type: string, name = ''): string =>
  flow.find((each) => each.type === type && (each.name === name || name === ''))!.id;

/** Presses an inject node's button. */
async function press(id: string): Promise<void> {
  const response = await fetch(`${runtime.url}/inject/${id}`, { method: 'POST' });
  assert.equal(response.status, 200);
}

test('a photo becomes a clip, and the message tells how', async () => {
  await runtime.deploy(chain());
  runtime.send('image', { payload: PHOTO });
  const { payload, manga, filename } = await runtime.message('sink');
  assert.equal(payload.path, join(runtime.userDir, 'outbox', 'image.mp4'));
  assert.equal(filename, payload.path);
  assert.deepEqual([payload.frames, payload.format, Math.max(payload.width, payload.height)], [4, 'mp4', 96]);
  assert.equal(manga.source, 'image.jpg');
  for (const stage of ['decode', 'encode', 'draw', 'clip']) assert.ok(manga.timings[stage] >= 0, stage);
  assert.equal(readFileSync(payload.path).subarray(4, 8).toString(), 'ftyp');
});

test('paths, Buffers, data URLs and image objects are pictures alike', async () => {
  await runtime.deploy(around(node('image', 'manga-image', ['sink'])));
  const bytes = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#345' } })
    .png()
    .toBuffer();
  const pixels = await sharp(bytes).raw().toBuffer();
  for (const payload of [
    bytes,
    `data:image/png;base64,${bytes.toString('base64')}`,
    { data: pixels, width: 20, height: 10, channels: 3, colorSpace: 'RGB', dtype: 'uint8' },
  ]) {
    runtime.send('image', { payload, filename: 'folder/tile.png' });
    const message = await runtime.message('sink');
    assert.deepEqual(message.payload.shape, [1, 10, 20, 3]);
    assert.equal(message.manga.outName, 'tile');
  }
  runtime.send('image', { payload: 'photo.jpg' });
  assert.equal((await runtime.message('sink')).manga.outName, 'photo');
});

test('example 01: stylize and clip', async () => {
  const flow = example('01 First clip');
  await runtime.deploy(flow);
  await press(idOf(flow, 'inject'));
  const { payload } = await runtime.message(idOf(flow, 'debug', 'what was written'));
  assert.equal(payload.frames, 6);
  assert.ok(existsSync(payload.path));
});

test('example 02: blocks one by one, written twice at once from one decoder', async () => {
  const flow = example('02 Blocks one by one');
  await runtime.deploy(flow);
  await press(idOf(flow, 'inject'));
  const debug = idOf(flow, 'debug');
  const clips = [await runtime.message(debug), await runtime.message(debug)].map(({ payload }) => payload);
  assert.deepEqual(clips.map(({ format }) => format).sort(), ['gif', 'mp4']);
  const gif = clips.find(({ format }) => format === 'gif')!;
  assert.equal((await sharp(gif.path, { animated: true }).metadata()).pages, 6);
  for (const preview of flow.filter(({ type }) => type === 'manga-preview')) {
    const url = `${runtime.url}/motion-manga/thumbnail/${preview.id}`;
    const response = await fetch(url);
    assert.equal(response.headers.get('content-type'), 'image/png');
    const { format, width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    assert.equal(format, 'png');
    assert.ok(Math.max(width, height) <= 256);
    const again = await fetch(url, { headers: { 'if-none-match': response.headers.get('etag')! } });
    assert.equal(again.status, 304);
  }
});

test('example 03: the style of a page goes with the photo', async () => {
  const flow = example('03 Style from a page');
  await runtime.deploy(flow);
  await press(idOf(flow, 'inject'));
  const styled = await runtime.message(idOf(flow, 'debug'));
  assert.equal(styled.manga.source, 'nagasaki.jpg');
  assert.equal(styled.style.kind, 'style');
  assert.ok(existsSync(styled.payload.path));
});

test('example 04: motion, ink and camera come from the message', async () => {
  const flow = example('04 Settings from the message');
  await runtime.deploy(flow);
  const debug = idOf(flow, 'debug');
  await press(idOf(flow, 'inject', 'sway in sepia'));
  const sepia = await sharp((await runtime.message(debug)).payload.path).stats();
  assert.ok(sepia.channels[0]!.mean > sepia.channels[2]!.mean + 1, 'sepia is warmer than black');
  await press(idOf(flow, 'inject', 'own camera path'));
  assert.equal((await runtime.message(debug)).payload.frames, 12);
});

test('the same seed gives the same bytes; a style page may be a path; a taken name gets a number', async () => {
  const flow = chain({ format: 'webp' }, { style: 'page', styleType: 'msg', seed: 'seed', seedType: 'msg' });
  await runtime.deploy(flow);
  const run = async (message: object) => {
    runtime.send('image', { payload: PHOTO, ...message });
    const { payload } = await runtime.message('sink');
    return { name: payload.path.split(/[\\/]/).pop(), bytes: readFileSync(payload.path) };
  };
  const first = await run({ seed: 5 });
  const same = await run({ seed: 5 });
  const paged = await run({ seed: 5, page: 'page.jpg' });
  assert.deepEqual([first.name, same.name, paged.name], ['image.webp', 'image-2.webp', 'image-3.webp']);
  assert.ok(first.bytes.equals(same.bytes), 'same seed, same bytes');
  assert.ok(!first.bytes.equals(paged.bytes), 'the page changes the drawing');
});

test('a clip larger than its drawing is written, with one warning that says what to set', async () => {
  await runtime.deploy(chain({}, { size: '192' }));
  for (let i = 0; i < 2; i++) {
    runtime.send('image', { payload: PHOTO });
    assert.equal((await runtime.message('sink')).payload.width, 192);
  }
  assert.equal(runtime.complaints.filter((line) => /192.*encoder/.test(line)).length, 1, runtime.complaints.join('\n'));
});

test('ffprobe reads the mp4', { skip: !hasFfprobe() && 'ffprobe is not installed' }, async () => {
  await runtime.deploy(chain({ file: 'probe me', fileType: 'str' }));
  runtime.send('image', { payload: PHOTO });
  const { payload } = await runtime.message('sink');
  const args = [
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=codec_name,nb_read_frames',
    '-of',
    'json',
    payload.path,
  ];
  const [stream] = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })).streams;
  assert.deepEqual([stream.codec_name, stream.nb_read_frames], ['h264', '4']);
});

test('freeing the picture when written makes later use of it stale', async () => {
  await runtime.deploy([...chain({ release: true }), node('late', 'manga-encoder', ['sink'])]);
  runtime.send('image', { payload: PHOTO });
  const image = await runtime.message('encoder');
  const handle = structuredClone(image.payload);
  await runtime.message('sink');
  runtime.send('late', { payload: handle });
  assert.equal((await runtime.message('catch')).error?.code, 'STALE_HANDLE');
});

function hasFfprobe(): boolean {
  try {
    execFileSync('ffprobe', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
