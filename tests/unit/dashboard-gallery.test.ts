/** What the gallery makes of messages and of the hot folders' answers, without Node-RED. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Clips, MOST_CLIPS } from '../../dashboard/lib/gallery/clips.ts';
import { readAction } from '../../dashboard/lib/gallery/read-action.ts';
import { overlay, readStill } from '../../dashboard/lib/gallery/still.ts';
import { itemsOf } from '../../dashboard/ui/gallery/items.ts';
import type { Folder, Job } from '../../dashboard/ui/gallery/types.ts';
import type { ClipResult } from '../../lib/session/types.ts';

const clip = (path: string): ClipResult => ({
  path,
  bytes: 1000,
  frames: 24,
  width: 512,
  height: 384,
  fps: 12,
  format: 'mp4',
  encoder: 'ffmpeg',
  milliseconds: { render: 900, encode: 100, total: 1000 },
});
const FOLDER: Folder = {
  node: 'hot',
  name: 'booth',
  state: { watching: true, paused: null, settling: 0, queued: 0, inFlight: 0, retrying: 0, done: 1, failed: 0 },
};
const ADDRESSES = { url: '/motion-manga/gallery/g', site: '/' };

test('a clip is taken, one that is drawn again replaces it; other messages are none', () => {
  const clips = new Clips(() => 1000);
  for (const payload of [undefined, 'x', {}, { path: 7 }, { path: '/etc/passwd' }, { path: '/a/secret.txt' }]) {
    assert.equal(clips.take({ payload }), undefined);
  }
  clips.take({ payload: clip('/out/a.mp4'), manga: { source: 'a.jpg', timings: { encode: 12, draw: 'x' } } });
  clips.take({ payload: clip('/out/a.mp4'), manga: { source: 'again.jpg' } });
  assert.deepEqual(
    clips.entries.map(({ name }) => name),
    ['again.jpg'],
  );
  const [entry] = clips.entries;
  assert.equal(clips.path(entry!.id), '/out/a.mp4');
  assert.ok(!JSON.stringify(clips.entries).includes('/out'), 'no path leaves the server');
  for (let i = 0; i < MOST_CLIPS + 5; i++) clips.take({ payload: clip(`/out/${i}.mp4`) });
  assert.equal(clips.entries.length, MOST_CLIPS);
});

test('jobs and clips are one list, newest first; a clip of a job adds its recipe to it', () => {
  const job: Job = {
    id: 'aa',
    state: 'done',
    name: 'photo.jpg',
    at: 50,
    thumb: 'motion-manga/hot-folders/hot/jobs/aa/thumb',
    photo: 'motion-manga/hot-folders/hot/jobs/aa/photo',
    recipe: 'motion-manga/hot-folders/hot/jobs/aa/recipe',
    media: [{ url: 'motion-manga/hot-folders/hot/jobs/aa/media/0', type: 'video/mp4' }],
  };
  const waiting: Job = { id: 'bb', state: 'waiting', name: 'next.jpg', at: 70, thumb: null, media: [] };
  const clips = new Clips(() => 60);
  clips.take({ payload: clip('/out/photo.mp4'), manga: { source: 'photo.jpg', job: { jobId: 'aa' } } });
  clips.take({ payload: clip('/out/alone.mp4'), manga: { source: 'alone.jpg' } });
  const items = itemsOf({ folders: [{ folder: FOLDER, jobs: [job, waiting] }], clips: clips.entries }, ADDRESSES);
  assert.deepEqual(
    items.map(({ name, state }) => [name, state]),
    [
      ['next.jpg', 'waiting'],
      ['alone.jpg', 'done'],
      ['photo.jpg', 'done'],
    ],
  );
  assert.equal(items[2]!.recipe?.frames, 24);
  assert.equal(items[2]!.clip?.url, '/motion-manga/hot-folders/hot/jobs/aa/media/0?v=50');
  const { thumb, photo, recipeUrl } = items[2]!;
  const base = '/motion-manga/hot-folders/hot/jobs/aa';
  assert.deepEqual(
    { thumb, photo, recipeUrl },
    { thumb: `${base}/thumb`, photo: `${base}/photo`, recipeUrl: `${base}/recipe?v=50` },
  );
  // A clip that came by wire has no photo to be compared with.
  assert.equal(items[1]!.photo, undefined);
  assert.match(items[1]!.clip!.url, /^\/motion-manga\/gallery\/g\/clips\//);
});

test('what browsers send is an action of the hot folder, or nothing', () => {
  assert.deepEqual(readAction({ action: 'retry', folder: 'hot', job: 'aa' }), {
    action: 'retry',
    folder: 'hot',
    job: 'aa',
  });
  assert.ok(readAction({ action: 'retry', folder: 'hot' }), 'all failed ones');
  for (const wrong of [
    undefined,
    {},
    { action: 'delete', folder: 'hot' },
    { action: 'retry' },
    { action: 'retry', folder: 'hot', job: { evil: true } },
    { action: 'cancel', folder: 'hot' },
    { action: 'redo', folder: 'hot' },
  ]) {
    assert.equal(readAction(wrong), undefined);
  }
});

test('a photo is laid over the frame as its camera saw it; what is no view is none', () => {
  const view = { frame: 3, frames: 24, width: 1.2, height: 1.5, panX: 0.05, panY: -0.1, rotation: 0.02 };
  assert.deepEqual(readStill({ ...view, more: 1 }), view);
  for (const wrong of [undefined, null, 'x', {}, { ...view, panX: 'url(x)' }, { ...view, width: Number.NaN }]) {
    assert.equal(readStill(wrong), undefined);
  }
  assert.deepEqual(overlay(view), {
    width: '120.000%',
    height: '150.000%',
    transform: 'translate(-50%, -50%) rotate(-0.02rad) translate(-5.000%, 10.000%)',
  });
  const clips = new Clips();
  clips.take({ payload: { ...clip('/out/a.mp4'), still: view } });
  assert.deepEqual(clips.entries[0]!.still, view);
});
