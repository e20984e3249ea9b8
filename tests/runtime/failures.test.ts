import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { SessionNode } from '../../nodes/session-of.ts';
import { around, chain, node, PHOTO, session } from './support/flow.ts';
import { Runtime } from './support/runtime.ts';

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

/** Every failure reaches the catch node once, with its code and the node that failed. */
async function fails(code: string, at: string): Promise<string> {
  const { error } = await runtime.message('catch');
  assert.equal(error?.code, code, error?.message);
  assert.equal(error?.source.id, at);
  assert.match(error.message, /\w/);
  return error.message;
}

test('pictures that are none fail with a code, and the next one works', async () => {
  await runtime.deploy(chain());
  const text = join(runtime.userDir, 'text.jpg');
  writeFileSync(text, 'this is no picture');
  const empty = join(runtime.userDir, 'empty.jpg');
  writeFileSync(empty, '');
  const folder = join(runtime.userDir, 'folder.jpg');
  mkdirSync(folder);
  const inputs: [unknown, string][] = [
    [text, 'BAD_INPUT'],
    [empty, 'BAD_INPUT'],
    [folder, 'BAD_INPUT'],
    [join(runtime.userDir, 'none such.jpg'), 'IO'],
    [Buffer.from([1, 2, 3]), 'BAD_INPUT'],
    ['data:image/png;base64,AAAA', 'BAD_INPUT'],
    [undefined, 'BAD_INPUT'],
    [{ a: 1 }, 'BAD_INPUT'],
    [{ data: Buffer.alloc(11), width: 2, height: 2, channels: 3 }, 'BAD_INPUT'],
  ];
  for (const [payload, code] of inputs) {
    runtime.send('image', { payload });
    await fails(code, 'image');
  }
  runtime.send('image', { payload: PHOTO });
  const { payload } = await runtime.message('sink');
  assert.equal(payload.frames, 4);
  assert.equal(runtime.arrived('catch'), 0, 'exactly one message a failure');
});

test('wrong wiring is told at the node that is wrong, with what to wire instead', async () => {
  await runtime.deploy(
    around(
      node('image', 'manga-image', ['encoder']),
      node('encoder', 'manga-encoder', ['clip']),
      node('clip', 'manga-clip', ['sink']),
      node('decoder', 'manga-tcn-decoder', ['sink']),
      node('preview', 'manga-preview', ['sink']),
      node('image2', 'manga-image', ['decoder']),
      node('image3', 'manga-image', ['image4']),
      node('image4', 'manga-image', ['sink']),
    ),
  );
  runtime.send('image', { payload: PHOTO });
  assert.match(await fails('BAD_WIRING', 'clip'), /manga-tcn-decoder/);
  runtime.send('image2', { payload: PHOTO });
  assert.match(await fails('BAD_WIRING', 'decoder'), /manga-encoder/);
  runtime.send('image3', { payload: PHOTO });
  await fails('BAD_WIRING', 'image4');
  runtime.send('encoder', { payload: PHOTO });
  assert.match(await fails('BAD_WIRING', 'encoder'), /manga-image/);
  runtime.send('preview', { payload: 'text' });
  await fails('BAD_WIRING', 'preview');
});

test('handles of another session are refused by the second node', async () => {
  await runtime.deploy(
    around(
      session('other'),
      node('image', 'manga-image', ['encoder']),
      node('encoder', 'manga-encoder', ['sink'], { session: 'other' }),
    ),
  );
  runtime.send('image', { payload: PHOTO });
  assert.match(await fails('FOREIGN_HANDLE', 'encoder'), /same manga-session/);
});

test('a node without a session, or with a wrong one, says so', async () => {
  const wrong = session('wrong', { memoryMb: 'much' });
  await runtime.deploy(
    around(
      wrong,
      node('image', 'manga-image', ['sink'], { session: '' }),
      node('image2', 'manga-image', ['sink'], { session: 'wrong' }),
    ),
  );
  runtime.send('image', { payload: PHOTO });
  assert.match(await fails('BAD_SETTING', 'image'), /manga-session/);
  runtime.send('image2', { payload: PHOTO });
  assert.match(await fails('BAD_SETTING', 'image2'), /memoryMb/);
});

test('a wrong setting from the message is named', async () => {
  await runtime.deploy(chain({}, { frames: 'frames', framesType: 'msg', motion: 'motion', motionType: 'msg' }));
  runtime.send('image', { payload: PHOTO, frames: 9999 });
  assert.match(await fails('BAD_SETTING', 'decoder'), /frames/);
  runtime.send('image', { payload: PHOTO, motion: 'fly' });
  assert.match(await fails('BAD_SETTING', 'decoder'), /motion/);
  runtime.send('image', { payload: PHOTO, camera: 'none' });
  assert.match(await fails('BAD_SETTING', 'decoder'), /camera/);
  runtime.send('image', { payload: PHOTO, frames: 2 });
  assert.equal((await runtime.message('sink')).payload.frames, 2);
});

test('a clip name that leads out of its folder is refused', async () => {
  await runtime.deploy(chain({ file: 'name', fileType: 'msg' }));
  for (const name of ['../evil', '/tmp/evil', 'a/../../evil', '']) {
    runtime.send('image', { payload: PHOTO, name });
    if (name === '') assert.match((await runtime.message('sink')).payload.path, /outbox.clip\.mp4$/);
    else await fails('BAD_SETTING', 'clip');
  }
});

const host = () => (runtime.red.nodes.getNode('session') as unknown as SessionNode).session!;
const pidOf = async (): Promise<number> => (await host().stats()).pid;

/** Waits until the session process has a call to work on. */
async function working(): Promise<void> {
  while ((await host().stats()).queued === 0);
}

/** Kills the session process and waits until its end is noticed. */
async function kill(): Promise<void> {
  const pid = await pidOf();
  const noticed = new Promise<void>((resolve) => host().onState(({ phase }) => phase === 'crashed' && resolve()));
  process.kill(pid, 'SIGKILL');
  await noticed;
}

test('a killed session process fails the picture in work, once, and the next picture works', async () => {
  await runtime.deploy(chain({}, { frames: '600', size: '512' }));
  runtime.send('image', { payload: PHOTO });
  await runtime.message('clip');
  await working();
  await kill();
  assert.match(await fails('SESSION_CRASHED', 'clip'), /next picture/);
  await runtime.deploy(chain(), 'nodes');
  runtime.send('image', { payload: PHOTO });
  assert.equal((await runtime.message('sink')).payload.frames, 4);
  assert.equal(runtime.arrived('catch'), 0);
});

test('a handle from before a crash is stale', async () => {
  await runtime.deploy(around(node('image', 'manga-image', ['sink']), node('encoder', 'manga-encoder', ['sink'])));
  runtime.send('image', { payload: PHOTO });
  const old = await runtime.message('sink');
  await kill();
  runtime.send('image', { payload: PHOTO });
  assert.equal((await runtime.message('sink')).payload.generation, old.payload.generation + 1);
  runtime.send('encoder', { payload: old.payload });
  await fails('STALE_HANDLE', 'encoder');
});

test('deploying one node anew cancels its picture, which ends in the catch node', async () => {
  const flow = chain({}, { frames: '600', size: '512' });
  await runtime.deploy(flow);
  runtime.send('image', { payload: PHOTO });
  await runtime.message('clip');
  await working();
  const began = performance.now();
  const changed = flow.map((each) => (each.id === 'clip' ? { ...each, quality: '70' } : each));
  await runtime.deploy(changed, 'nodes');
  await fails('CANCELLED', 'clip');
  assert.ok(performance.now() - began < 2500, 'closed within 2 s');
  assert.deepEqual(
    readdirSync(join(runtime.userDir, 'outbox')).filter((name) => /part|tmp/.test(name)),
    [],
  );
});

test('a full deploy in the middle of a picture ends the session process within 2 s, and the flow works again', async () => {
  await runtime.deploy(chain({}, { frames: '600', size: '512' }));
  runtime.send('image', { payload: PHOTO });
  await runtime.message('clip');
  await working();
  const pid = await pidOf();
  const began = performance.now();
  await runtime.deploy(chain());
  assert.ok(performance.now() - began < 2500, 'closed within 2 s');
  assert.throws(() => process.kill(pid, 0), 'the process is gone');
  runtime.send('image', { payload: PHOTO });
  assert.equal((await runtime.message('sink')).payload.frames, 4);
});
