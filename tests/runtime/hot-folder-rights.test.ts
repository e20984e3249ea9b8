/** Who may look at a hot folder's jobs, and who may change them: Node-RED's own rights, in a Node-RED that has them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

const HOT = 'a1b2c3d4e5f60718';
const JOBS = `/motion-manga/hot-folders/${HOT}/jobs`;
const PAUSE = `/motion-manga/hot-folders/${HOT}/pause`;
const USERS: Readonly<Record<string, { username: string; permissions: string }>> = {
  reader: { username: 'reader', permissions: 'read' },
  writer: { username: 'writer', permissions: '*' },
};

let runtime: Runtime;
let outside = '';
let closeOutside = (): void => {};
interface Refusing {
  sendStatus(code: number): void;
}
/** Stand for whatever logins a user puts before Node-RED's own pages, and before the dashboard. */
const letIn = { pages: false, dashboard: false };
const login =
  (place: keyof typeof letIn) =>
  (_request: unknown, response: Refusing, next: () => void): void =>
    letIn[place] ? next() : response.sendStatus(401);

before(async () => {
  const settings = {
    adminAuth: {
      type: 'credentials',
      users: async (name: string) => USERS[name] ?? null,
      authenticate: async () => null,
      tokens: async (token: string) => USERS[token] ?? null,
    },
    httpNodeMiddleware: login('pages'),
    dashboard: { middleware: [login('dashboard')] },
  };
  const example = JSON.parse(readFileSync(join(ROOT, 'examples', '05 Hot folder.json'), 'utf8')) as FlowNode[];
  const hot = example.find(({ type }) => type === 'manga-hot-folder')!;
  runtime = await Runtime.start(settings, [
    ...example.filter(({ id, type }) => id === hot.z || type === 'manga-session'),
    { ...hot, id: HOT, inbox: 'inbox', wires: [[], []] },
  ]);
  for (let left = 200; (await status(JOBS, 'GET', 'writer')) !== 200; left--) {
    assert.ok(left > 0, `the folder does not open: ${runtime.complaints.join(' | ')}`);
    await pause(20);
  }
  const server = createServer((runtime.red as unknown as { httpNode: RequestListener }).httpNode);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  outside = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closeOutside = () => void server.close();
});
after(async () => {
  closeOutside();
  await runtime.stop();
});

async function status(path: string, method: 'GET' | 'POST', token?: string): Promise<number> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return (await fetch(runtime.url + path, { method, headers })).status;
}

test('admin routes: nobody without a login, a reader looks, a writer changes', async () => {
  assert.deepEqual([await status(JOBS, 'GET'), await status(PAUSE, 'POST')], [401, 401]);
  assert.deepEqual([await status(JOBS, 'GET', 'reader'), await status(PAUSE, 'POST', 'reader')], [200, 401]);
  assert.deepEqual([await status(JOBS, 'GET', 'writer'), await status(PAUSE, 'POST', 'writer')], [200, 200]);
  assert.deepEqual([await status(JOBS, 'GET', 'stranger'), await status(PAUSE, 'POST', 'stranger')], [401, 401]);
});

test("photos and clips lie behind the login of Node-RED's own pages, and behind the dashboard's", async () => {
  const none = `${JOBS}/0123456789abcdef01234567`;
  const routes = ['/motion-manga/hot-folders', JOBS, none, `${none}/thumb`, `${none}/media/0`];
  const seen = () => Promise.all(routes.map(async (route) => (await fetch(outside + route)).status));
  for (const [pages, dashboard] of [
    [false, false],
    [true, false],
    [false, true],
  ] as const) {
    Object.assign(letIn, { pages, dashboard });
    assert.deepEqual(await seen(), [401, 401, 401, 401, 401], `pages ${pages}, dashboard ${dashboard}`);
  }
  Object.assign(letIn, { pages: true, dashboard: true });
  assert.deepEqual(await seen(), [200, 200, 404, 404, 404]);
});

test('who may only read sees the sessions, but frees and restarts none', async () => {
  const [session] = (await (
    await fetch(`${runtime.url}/motion-manga/sessions`, { headers: { authorization: 'Bearer reader' } })
  ).json()) as { id: string; phase: string; stats: { generation: number } }[];
  assert.equal(session!.phase, 'stopped');
  for (const action of ['release', 'restart']) {
    const path = `/motion-manga/sessions/${session!.id}/${action}`;
    assert.equal(await status(path, 'POST', 'reader'), 401);
    assert.equal(await status(path, 'POST'), 401);
  }
  assert.equal(await status(`/motion-manga/sessions/${session!.id}/release`, 'POST', 'writer'), 200);
  assert.equal(await status('/motion-manga/sessions/none/release', 'POST', 'writer'), 404);
  assert.equal(await status('/motion-manga/sessions', 'GET'), 401);
});
