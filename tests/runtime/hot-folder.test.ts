import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import sharp from 'sharp';
import type { JobView } from '../../lib/hotfolder/job-view.ts';
import type { FolderState } from '../../lib/hotfolder/types.ts';
import { PHOTO } from './support/flow.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

let runtime: Runtime;
let inbox: string;
let outbox: string;
let flow: FlowNode[];
let hot: string;
let round = 0;

const idOf = (type: string): string => flow.find((node) => node.type === type)!.id;

/** The shipped flow, in folders of its own for each test, with quick settings. */
beforeEach(() => {
  round++;
  inbox = join(runtime.userDir, `in ${round}`);
  outbox = join(runtime.userDir, `out ${round}`);
  mkdirSync(inbox);
  flow = (JSON.parse(readFileSync(join(ROOT, 'examples', '05 Hot folder.json'), 'utf8')) as FlowNode[]).map((node) => ({
    ...node,
    ...('size' in node ? { size: '96' } : {}),
    ...('frames' in node ? { frames: '4' } : {}),
    ...(node.type === 'manga-hot-folder' ? { inbox: `in ${round}`, settle: '0.1', repeat: 'rename' } : {}),
    ...(node.type === 'manga-clip' ? { folder: `out ${round}` } : {}),
  }));
  hot = idOf('manga-hot-folder');
});
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

/** Looks every 20 ms: what tests wait for here shows in folders, or is asked for. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 1500; !(await condition()); left--) {
    if (left === 0) throw new Error(`waited in vain for ${condition}: ${runtime.complaints.join(' | ')}`);
    await pause(20);
  }
}

/** Puts a file into the inbox, whole at once. */
function drop(name: string, content: string | Buffer = readFileSync(PHOTO)): void {
  const beside = join(runtime.userDir, 'being written');
  writeFileSync(beside, content);
  renameSync(beside, join(inbox, name));
}

function change(type: string, settings: Record<string, unknown>): FlowNode[] {
  flow = flow.map((node) => (node.type === type ? { ...node, ...settings } : node));
  return flow;
}

test('a dropped photo becomes a clip in the outbox, the photo moves to done, its memory is freed', async () => {
  await runtime.deploy(flow);
  drop('holiday.jpg');
  const { manga, payload } = await runtime.completed(hot);
  assert.equal(payload.path, join(outbox, 'holiday.mp4'));
  assert.ok(existsSync(payload.path));
  assert.deepEqual(readdirSync(join(inbox, 'done')), ['holiday.jpg']);
  assert.deepEqual(
    readdirSync(inbox).filter((name) => name.endsWith('.jpg')),
    [],
  );
  const session = runtime.red.nodes.getNode(manga.session) as unknown as {
    session: { stats(): Promise<{ arenas: number }> };
  };
  assert.equal((await session.session.stats()).arenas, 0);
});

test('names with spaces, quotes, emoji and a line break work; equal names get numbers', async () => {
  await runtime.deploy(flow);
  const names = ['a "b" \'c\'.jpg', 'smile 😀.jpg', 'two\nlines.jpg', 'same.jpg', 'same.jpeg'];
  for (const name of names) drop(name);
  for (const _ of names) {
    const message = await runtime.completed(hot);
    assert.equal(message.error, undefined);
  }
  assert.deepEqual(
    readdirSync(outbox)
      .filter((name) => !name.endsWith('.json'))
      .sort(),
    ['a "b" \'c\'.mp4', 'same-2.mp4', 'same.mp4', 'smile 😀.mp4', 'two\nlines.mp4'].sort(),
  );
  assert.deepEqual(readdirSync(join(inbox, 'done')).sort(), [...names].sort());
});

test('a file that is no picture goes to failed with a report, and the next photo works', async () => {
  await runtime.deploy(flow);
  drop('text.jpg', 'no picture at all');
  const complaint = await runtime.message(idOf('catch'));
  assert.equal(complaint.error?.code, 'BAD_INPUT');
  drop('good.jpg');
  // The catch node's message of the bad file comes back first, and is not taken for a job.
  let finished = await runtime.completed(hot);
  if (!finished.manga?.job) finished = await runtime.completed(hot);
  assert.equal(finished.payload.path, join(outbox, 'good.mp4'));
  const report = JSON.parse(readFileSync(join(inbox, 'failed', 'text.jpg.error.json'), 'utf8'));
  assert.equal(report.code, 'BAD_INPUT');
  assert.ok(existsSync(join(inbox, 'failed', 'text.jpg')));
});

test('a picture that fails in the flow goes to failed, with the code and the hint of the node that failed', async () => {
  await runtime.deploy(change('manga-clip', { folder: 'a file' }));
  writeFileSync(join(runtime.userDir, 'a file'), 'in the way of the folder');
  drop('doomed.jpg');
  const caught = await runtime.message(idOf('catch'));
  assert.equal(caught.error?.source.id, idOf('manga-clip'));
  await runtime.completed(hot);
  const report = JSON.parse(readFileSync(join(inbox, 'failed', 'doomed.jpg.error.json'), 'utf8'));
  assert.equal(report.code, caught.error?.code);
  assert.equal(report.code, 'IO');
  assert.equal(runtime.arrived(idOf('catch')), 0, 'exactly one message a failure');
});

test('a node deployed anew during a picture costs no picture: it is handed out again', async () => {
  await runtime.deploy(change('manga-tcn-decoder', { frames: '400' }));
  drop('patient.jpg');
  await runtime.message(idOf('manga-clip'));
  await runtime.deploy(change('manga-clip', { quality: '70' }), 'nodes');
  const cancelled = await runtime.completed(hot);
  assert.equal(cancelled.error?.code, 'CANCELLED');
  const { payload } = await runtime.completed(hot);
  assert.equal(payload.frames, 400);
  assert.deepEqual(readdirSync(join(inbox, 'done')), ['patient.jpg']);
});

test('a full deploy during a picture costs no picture: the next hot folder takes it up', async () => {
  await runtime.deploy(change('manga-tcn-decoder', { frames: '400' }));
  drop('survivor.jpg');
  await runtime.message(idOf('manga-clip'));
  await runtime.deploy(change('manga-tcn-decoder', { frames: '4' }));
  const { payload } = await runtime.completed(hot);
  assert.equal(payload.path, join(outbox, 'survivor.mp4'));
});

test('a message without a picture of this folder is refused', async () => {
  await runtime.deploy(flow);
  runtime.send(hot, { payload: 'x' });
  assert.equal((await runtime.message(idOf('catch'))).error?.code, 'BAD_WIRING');
  runtime.send(hot, { payload: 'x', manga: { job: { folder: 'other', jobId: '1', name: 'n' } } });
  assert.equal((await runtime.message(idOf('catch'))).error?.code, 'BAD_WIRING');
  drop('later.jpg');
  let finished = await runtime.completed(hot);
  while (!finished.payload?.path) finished = await runtime.completed(hot);
  assert.equal(finished.payload.path, join(outbox, 'later.mp4'));
  assert.equal(runtime.arrived(idOf('catch')), 0, 'no loop');
});

test('the clip that is written shows something', async () => {
  await runtime.deploy(change('manga-clip', { format: 'webp' }));
  drop('seen.jpg');
  const { payload } = await runtime.completed(hot);
  const { channels } = await sharp(payload.path).stats();
  assert.ok(channels[0]!.stdev > 5, 'not a blank frame');
});

test('the same picture again: no second clip; drawn again on request, in place of the first', async () => {
  await runtime.deploy(
    change('manga-hot-folder', { repeat: 'skip', wires: [[idOf('manga-image')], ['done'], ['failed']] }),
  );
  drop('one.jpg');
  const first = (await runtime.completed(hot)).payload.path;
  drop('two.jpg');
  await until(() => existsSync(join(inbox, 'done', 'two.jpg')));
  assert.deepEqual(readdirSync(outbox).sort(), ['one.mp4', 'one.mp4.json']);
  const sidecar = JSON.parse(readFileSync(`${first}.json`, 'utf8'));
  assert.equal(sidecar.state, 'done');
  assert.equal(sidecar.source, 'one.jpg');
  assert.match(sidecar.recipe.model, /^[\w-]{43}$/);
  assert.equal(sidecar.recipe.settings.find((each: FlowNode) => each.type === 'manga-tcn-decoder').frames, '4');

  await runtime.deploy(change('manga-tcn-decoder', { frames: '6' }));
  runtime.send(hot, { action: 'redo' });
  let again = await runtime.completed(hot);
  while (!again.payload?.frames) again = await runtime.completed(hot);
  assert.deepEqual([again.payload.path, again.payload.frames], [first, 6]);
  assert.deepEqual(readdirSync(outbox).sort(), ['one.mp4', 'one.mp4.json']);
});

test('jobs over HTTP: listed, shown with ranges and ETags, tried again; by ids alone', async () => {
  const server = createServer((runtime.red as unknown as { httpNode: RequestListener }).httpNode);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const node = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = `/motion-manga/hot-folders/${hot}`;
  try {
    await runtime.deploy(flow);
    drop('good.jpg');
    drop('bad.jpg', 'no picture');
    const look = async () =>
      (await (await fetch(`${node}${base}/jobs`)).json()) as { state?: FolderState; jobs: JobView[] };
    // A picture is moved first and counted then.
    await until(async () => {
      const { state } = await look();
      return state?.done === 1 && state.failed === 1;
    });
    for (const moved of ['done/good.jpg', 'failed/bad.jpg']) assert.ok(existsSync(join(inbox, moved)), moved);
    const { jobs } = await look();
    const [good, bad] = ['good.jpg', 'bad.jpg'].map((name) => jobs.find((job) => job.name === name)!);
    assert.equal(bad!.reason!.code, 'BAD_INPUT');
    assert.deepEqual(bad!.media, []);
    assert.ok(!JSON.stringify(jobs).includes(runtime.userDir), 'no path of this machine');

    const url = `${node}/${good!.media[0]!.url}`;
    const whole = await fetch(url);
    assert.equal(whole.headers.get('content-type'), 'video/mp4');
    const bytes = Buffer.from(await whole.arrayBuffer());
    assert.deepEqual(bytes, readFileSync(join(outbox, 'good.mp4')));
    const etag = whole.headers.get('etag')!;
    assert.equal((await fetch(url, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } })).status, 304);
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
    assert.equal(part.status, 206);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(10, 20));
    const thumb = await fetch(`${node}/${good!.thumb}`);
    assert.equal((await sharp(Buffer.from(await thumb.arrayBuffer())).metadata()).format, 'webp');

    for (const path of [
      '/jobs/nonsense',
      `/jobs/${good!.id}/media/1`,
      `/jobs/${good!.id}/media/..%2f..%2fx`,
      `/jobs/${bad!.id}/media/0`,
    ]) {
      assert.equal((await fetch(node + base + path)).status, 404, path);
    }
    assert.equal((await fetch(`${node}/motion-manga/hot-folders/none/jobs`)).status, 404);
    assert.equal(
      (await fetch(`${node}${base}/retry`, { method: 'POST' })).status,
      404,
      'nothing is changed from outside',
    );
    // A link put in the clip's place leads nowhere.
    rmSync(join(outbox, 'good.mp4'));
    symlinkSync(PHOTO, join(outbox, 'good.mp4'));
    assert.equal((await fetch(url)).status, 404);

    const post = async (path: string) => {
      const response = await fetch(runtime.url + base + path, { method: 'POST' });
      return [response.status, await response.json()];
    };
    assert.equal((await post(`/jobs/${good!.id}/retry`))[0], 409);
    writeFileSync(join(inbox, 'failed', 'bad.jpg'), readFileSync(PHOTO));
    assert.deepEqual(await post('/pause'), [200, { jobs: 0 }]);
    assert.deepEqual(await post(`/jobs/${bad!.id}/retry`), [200, { jobs: 1 }]);
    assert.deepEqual(readdirSync(join(inbox, 'failed')), [], 'its reports are gone');
    assert.deepEqual(await post('/resume'), [200, { jobs: 0 }]);
    await until(() => existsSync(join(outbox, 'bad.mp4')));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
