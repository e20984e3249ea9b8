import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import sharp from 'sharp';
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
  flow = (JSON.parse(readFileSync(join(ROOT, 'examples', 'hot-folder.json'), 'utf8')) as FlowNode[]).map((node) => ({
    ...node,
    ...('size' in node ? { size: '96' } : {}),
    ...('frames' in node ? { frames: '4' } : {}),
    ...(node.type === 'manga-hot-folder' ? { inbox: `in ${round}`, settle: '0.1' } : {}),
    ...(node.type === 'manga-clip' ? { folder: `out ${round}` } : {}),
  }));
  hot = idOf('manga-hot-folder');
});
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

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
    readdirSync(outbox).sort(),
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
