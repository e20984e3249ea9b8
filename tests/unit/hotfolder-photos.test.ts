/** What viewers get of a job: its photo, larger than the thumbnail, and how its clip was made. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import sharp from 'sharp';
import { modelFolder } from '../../lib/checkpoint/shipped.ts';
import { Folders } from '../../lib/hotfolder/folders.ts';
import { modelIdentity } from '../../lib/hotfolder/model-identity.ts';
import { originalOf } from '../../lib/hotfolder/original.ts';
import { PHOTO_SIDE, Photos } from '../../lib/hotfolder/photos.ts';
import { recipeView } from '../../lib/hotfolder/recipe-view.ts';
import type { Sidecar } from '../../lib/hotfolder/sidecar.ts';
import type { JobRecord } from '../../lib/ledger/types.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'motion-manga-photos-')));
after(() => rmSync(home, { recursive: true, force: true }));

const record = (more: Partial<JobRecord>): JobRecord => ({
  ...{ id: 'a'.repeat(24), state: 'done', name: 'a.jpg', size: 1, at: 1, attempts: 1 },
  ...more,
});

/** A photo on its side, as cameras write it, with the place where it was taken. */
const photo = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#4477aa' } })
    .withMetadata({ orientation: 6, exif: { IFD0: { Copyright: 'somebody' } } })
    .jpeg()
    .toBuffer();

test('a photo comes upright, at most so large, without its metadata; made again only when it changed', async () => {
  const path = join(home, 'camera.jpg');
  writeFileSync(path, await photo(3000, 2000));
  const photos = new Photos();
  const first = (await photos.read(path))!;
  const { format, width, height, exif } = await sharp(first.webp).metadata();
  assert.deepEqual([format, width, height, exif], ['webp', Math.round((PHOTO_SIDE * 2) / 3), PHOTO_SIDE, undefined]);
  assert.equal((await photos.read(path))!.webp, first.webp, 'kept');
  assert.equal(await photos.etag(path), first.etag);
  writeFileSync(path, await photo(300, 200));
  utimesSync(path, 1, 1);
  const second = (await photos.read(path))!;
  assert.notEqual(second.etag, first.etag);
  assert.equal((await sharp(second.webp).metadata()).height, 300, 'never enlarged');
  writeFileSync(path, 'no picture');
  assert.equal(await photos.read(path), undefined);
  rmSync(path);
  await assert.rejects(photos.read(path), { code: 'ENOENT' });
});

test('the original is found where it was filed, and nothing but it', async () => {
  const inbox = join(home, 'in');
  const folders = await Folders.resolve({ inbox });
  for (const folder of [folders.done, folders.failed]) mkdirSync(folder, { recursive: true });
  const put = (...parts: string[]): string => {
    const path = join(...parts);
    writeFileSync(path, 'x');
    return path;
  };
  const done = put(folders.done, 'a.jpg');
  assert.equal(await originalOf(record({ filed: 'a.jpg' }), folders), done);
  assert.equal(await originalOf(record({ state: 'skipped', filed: 'a.jpg' }), folders), done);
  const failed = put(folders.failed, 'b.jpg');
  assert.equal(await originalOf(record({ state: 'failed', filed: 'b.jpg' }), folders), failed);
  for (const state of ['waiting', 'running'] as const) {
    assert.equal(await originalOf(record({ state, filed: 'a.jpg' }), folders), undefined);
  }
  // Deleted, left in the inbox and changed since, a link, a folder, a name that leads out.
  assert.equal(await originalOf(record({}), folders), undefined);
  assert.equal(await originalOf(record({ filed: 'gone.jpg' }), folders), undefined);
  const left = put(folders.inbox, 'c.jpg');
  utimesSync(left, 5, 5);
  assert.equal(await originalOf(record({ left: ['c.jpg', 1, 5000, 0] }), folders), left);
  utimesSync(left, 6, 6);
  assert.equal(await originalOf(record({ left: ['c.jpg', 1, 5000, 0] }), folders), undefined);
  const secret = put(home, 'secret.jpg');
  symlinkSync(secret, join(folders.done, 'link.jpg'));
  for (const filed of ['link.jpg', '../../secret.jpg', '.']) {
    assert.equal(await originalOf(record({ filed }), folders), undefined, filed);
  }
  assert.ok(existsSync(secret));
});

test('a sidecar tells model, motion, seed, ink, style; no folder of this machine', async () => {
  const stylize = {
    ...{ type: 'manga-stylize', model: 'session', modelType: 'choice', motion: 'pan', motionType: 'choice' },
    ...{
      seed: 'seed',
      seedType: 'msg',
      ink: 'sepia',
      inkType: 'choice',
      detail: '1.5',
      frames: '24',
      framesType: 'num',
    },
    ...{ style: '/srv/booth/pages/page-7.png', styleType: 'str', styleStrength: '.8', styleStrengthType: 'num' },
  };
  const still = { frame: 1, frames: 24, width: 1.16, height: 1.16, panX: 0, panY: 0, rotation: 0 };
  const model = await modelIdentity(modelFolder('pencil'));
  const sidecar = (settings: unknown, more: Partial<Sidecar> = {}): Sidecar => ({
    ...{ motionManga: 'clip', state: 'done', owner: 'o', time: '', recipe: { version: '0.1.0', model, settings } },
    ...more,
  });
  const made = await recipeView(sidecar([stylize, { type: 'manga-clip', format: 'mp4' }], { still }));
  assert.deepEqual(
    { ...made, settings: { ...made.settings } },
    {
      ...{ version: '0.1.0', model: 'pencil', modelHash: model, key: undefined, still },
      settings: {
        ...{ motion: 'pan', seed: 'msg.seed', frames: '24', detail: '1.5', ink: 'sepia', format: 'mp4' },
        ...{ styleStrength: '.8', style: 'page-7.png' },
      },
    },
  );
  assert.ok(!JSON.stringify(made).includes('/srv'));
  // What the form offers is no style yet: some node has to bring one.
  const offered = { ...stylize, style: 'style', styleType: 'msg', model: 'webtoon' };
  assert.equal((await recipeView(sidecar([offered]))).settings.style, undefined);
  const brought = await recipeView(sidecar([{ type: 'change' }, offered]));
  assert.deepEqual([brought.settings.style, brought.model], ['msg.style', 'webtoon']);
  // Sidecars of other versions.
  assert.deepEqual((await recipeView({ ...sidecar(null), recipe: undefined })).settings, {});
});
