/** Who may look at pictures of the canvas, and who may have something drawn: Node-RED's own rights, in a Node-RED that has them. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { around, node, PHOTO } from './support/flow.ts';
import { Runtime } from './support/runtime.ts';

const USERS: Readonly<Record<string, { username: string; permissions: string }>> = {
  reader: { username: 'reader', permissions: 'read' },
  writer: { username: 'writer', permissions: '*' },
};
const THUMBNAIL = '/motion-manga/thumbnail/image';
const LAYERS = '/motion-manga/layers/stylize';
const DRAFT = '/motion-manga/draft';

let runtime: Runtime;
before(async () => {
  const flow = around(node('image', 'manga-image', ['preview']), node('preview', 'manga-preview', ['stylize']));
  const stylize = node('stylize', 'manga-stylize', ['sink'], { source: 'photo' });
  runtime = await Runtime.start(
    {
      adminAuth: {
        type: 'credentials',
        users: async (name: string) => USERS[name] ?? null,
        authenticate: async () => null,
        tokens: async (token: string) => USERS[token] ?? null,
      },
    },
    [...flow, stylize],
  );
  runtime.send('image', { payload: PHOTO, photo: PHOTO });
  await runtime.message('sink');
  // Thumbnails are made beside the flow, for which nobody waits: the editor hears when there is one.
  const hasThumbnail = async () => (await status(THUMBNAIL, 'reader')) === 200;
  for (const end = Date.now() + 20_000; !(await hasThumbnail()) && Date.now() < end; ) await sleep(50);
});
after(() => runtime?.stop());

async function status(path: string, token?: string, body?: object): Promise<number> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
  return (await fetch(runtime.url + path, { headers, ...init })).status;
}

test('pictures and layers: nobody without a login; a reader and a writer look', async () => {
  const layers = await fetch(runtime.url + LAYERS, { headers: { authorization: 'Bearer reader' } });
  const { pictures } = (await layers.json()) as { pictures: { url: string }[] };
  for (const path of [THUMBNAIL, LAYERS, `/${pictures[0]!.url}`]) {
    assert.deepEqual([await status(path), await status(path, 'stranger')], [401, 401], path);
    assert.deepEqual([await status(path, 'reader'), await status(path, 'writer')], [200, 200], path);
  }
});

test('only a writer has something drawn', async () => {
  const draft = { session: 'session', node: 'stylize', settings: { frames: 2 } };
  assert.deepEqual(
    [await status(DRAFT, undefined, draft), await status(DRAFT, 'reader', draft), await status(DRAFT, 'writer', draft)],
    [401, 401, 200],
  );
  assert.equal(await status(DRAFT, 'writer', { ...draft, settings: { frames: 0 } }), 400);
  assert.equal(await status(DRAFT, 'writer', { ...draft, session: 'none' }), 404);
  assert.equal(await status(DRAFT, 'writer', { settings: 1 }), 400);
});

test('a newer draft of the same form ends the one that is being drawn', async () => {
  const draft = { session: 'session', node: 'stylize', settings: { frames: 24 }, moving: true };
  const both = await Promise.all([status(DRAFT, 'writer', draft), status(DRAFT, 'writer', draft)]);
  assert.deepEqual(both.sort(), [200, 409]);
});
