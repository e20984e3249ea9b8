import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type HostOptions, SessionHost, type SessionState } from '../../lib/session/host.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { clipSchema, drawSchema, outputSchema } from '../../lib/settings/settings.ts';
import { loopDelay } from './session-loop-delay.ts';
import { SEED_THAT_ABORTS, SEED_THAT_HANGS, toyPicture } from './session-toy-parts.ts';

const worker = new URL('session-toy-worker.ts', import.meta.url);
const draw = drawSchema.parse({});
/** About a second of work in the toy pipeline. */
const longDraw = drawSchema.parse({ canvas: 300 });
/** Longer than any test takes. */
const endlessDraw = drawSchema.parse({ canvas: 4096 });
const clip = clipSchema.parse({ frames: 3 });

function setUp(t: TestContext, options: object = {}, host: HostOptions = {}) {
  const session = new SessionHost(sessionSchema.parse({ id: 'a', ...options }), { worker, ...host });
  t.after(() => session.shutdown());
  const states: SessionState[] = [];
  session.onState((state) => states.push(state));
  const load = async (side = 64) => session.loadPicture(await session.openArena(''), toyPicture(side, side));
  return { session, states, load, phases: () => states.map((state) => state.phase) };
}

function reached(session: SessionHost, phase: SessionState['phase']): Promise<SessionState> {
  return new Promise((resolve) => {
    const stop = session.onState((state) => {
      if (state.phase !== phase) return;
      resolve(state);
      queueMicrotask(() => stop());
    });
  });
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  while (alive(pid)) await sleep(5);
}

test('photo to clip in the child, with the same result as the arguments say', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-'));
  t.after(() => rm(folder, { recursive: true }));
  const { session, phases, states, load } = setUp(t);
  assert.deepEqual(phases(), ['stopped']);
  assert.equal(session.lastUse, 0);
  const idle = await session.stats();
  assert.deepEqual([idle.engine, idle.pid, idle.generation, idle.arenas], ['not running', 0, 0, 0]);
  assert.deepEqual(phases(), ['stopped'], 'asking for figures starts nothing');

  const image = await load();
  assert.equal(image.generation, 1);
  const style = await session.encodeStyle(image);
  const content = await session.encode(image, draw);
  const frames = await session.decode(content, clip, style, [{ zoom: 1, rotation: 0, panX: 0, panY: 0 }]);
  assert.deepEqual((await session.read(image)).data, toyPicture(64, 64).image.data);
  assert.equal((await session.read(frames, 1)).shape[0], 2);
  assert.ok((await session.read(content)).data instanceof Float32Array);
  assert.equal(Buffer.from(await session.preview(image, 32)).toString('latin1', 1, 4), 'PNG');
  const result = await session.writeClip(frames, outputSchema.parse({ path: path.join(folder, 'a b\n.mp4') }));
  assert.equal(result.bytes, 3 * 32 * 32);
  const started = await session.start();
  assert.deepEqual([started.engine, started.model], ['onnx', 'toy model']);
  const stats = await session.stats();
  assert.deepEqual([stats.arenas, stats.handles, stats.generation, stats.queued], [1, 4, 1, 0]);
  assert.notEqual(stats.pid, process.pid);
  assert.ok(Math.abs(Date.now() - session.lastUse) < 10_000);
  await session.closeArena(image.arena);
  assert.deepEqual([(await session.stats()).handles, (await session.stats()).bytes], [0, 0]);
  await assert.rejects(session.encode(image, draw), { code: 'STALE_HANDLE', message: /was closed/ });

  await session.close();
  assert.ok(!alive(stats.pid));
  assert.deepEqual(phases(), ['stopped', 'starting', 'ready', 'stopped']);
  assert.equal(states[2]!.description, 'toy engine, toy model');
  await assert.rejects(session.encode(image, draw), { code: 'STALE_HANDLE', message: /Send the picture again/ });
  await session.closeArena(image.arena);
  assert.equal((await session.stats()).pid, 0, 'a stale handle starts nothing');
  assert.equal((await load()).generation, 2);
});

test('kill -9 during calls: they reject, the next picture works in the next generation', async (t) => {
  const { session, phases, load } = setUp(t);
  const image = await load(512);
  const ends = Promise.allSettled([session.encode(image, endlessDraw), session.encode(image, draw)]);
  const { pid } = await session.stats();
  process.kill(pid, 'SIGKILL');
  for (const end of await ends) {
    assert.equal(end.status, 'rejected');
    assert.equal(end.reason.code, 'SESSION_CRASHED');
    assert.match(end.reason.message, /ended by signal SIGKILL.*next picture starts a new one/);
  }
  await assert.rejects(session.encode(image, draw), { code: 'STALE_HANDLE', message: /process ended.*again/ });
  const next = await load();
  assert.equal(next.generation, 2);
  assert.equal((await session.encode(next, draw)).generation, 2);
  await session.start();
  assert.deepEqual(phases(), ['stopped', 'starting', 'ready', 'crashed', 'starting', 'ready']);
});

test('a crash of native code ends the call with the last words of the process', async (t) => {
  const { session, load } = setUp(t);
  const content = await session.encode(await load(), draw);
  await assert.rejects(session.decode(content, { ...clip, seed: SEED_THAT_ABORTS }), {
    code: 'SESSION_CRASHED',
    message: /SIGABRT|exit code/,
  });
  assert.equal((await load()).generation, 2);
});

test('a worker that does not even start is a crash that shows its output', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'worker.mjs');
  await writeFile(file, 'console.error("libfoo.so.2 is missing"); process.exit(3);');
  const { session } = setUp(t, {}, { worker: pathToFileURL(file) });
  await assert.rejects(session.openArena(''), {
    code: 'SESSION_CRASHED',
    message: /exit code 3.*libfoo\.so\.2 is missing/,
  });
});

test('a worker that talks nonsense is ended, and what it prints never blocks it', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'session-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'worker.mjs');
  await writeFile(
    file,
    `import { writeSync } from 'node:fs';
     const line = 'x'.repeat(9999) + '\\n';
     for (let i = 0; i < 500; i++) { writeSync(1, line); writeSync(2, line); }
     writeSync(2, 'done printing');
     writeSync(3, 'this is not a packet');
     setInterval(() => {}, 1000);`,
  );
  const { session } = setUp(t, {}, { worker: pathToFileURL(file), graceMs: 50 });
  await assert.rejects(session.openArena(''), { code: 'SESSION_CRASHED', message: /connection broke.*done printing/ });
});

test('after some crashes in a short time the next start waits, and says so', async (t) => {
  const { session, states } = setUp(t, { maxQueued: 2 }, { crashes: { most: 2, windowMs: 60_000 } });
  for (let i = 0; i < 2; i++) {
    await session.openArena('');
    process.kill((await session.stats()).pid, 'SIGKILL');
    await reached(session, 'crashed');
  }
  assert.match(states.at(-1)!.description, /crash 2 within 60 s: the next picture waits \d+ s/);
  const abort = new AbortController();
  const given = session.with({ signal: abort.signal }).openArena('');
  const waiting = session.openArena('');
  await assert.rejects(session.openArena(''), { code: 'BUSY' });
  abort.abort();
  await assert.rejects(given, { code: 'CANCELLED' });
  assert.equal((await session.stats()).queued, 1);
  await session.close();
  await assert.rejects(waiting, { code: 'SESSION_CLOSED' });
});

test('after the wait the process starts again', async (t) => {
  const { session } = setUp(t, {}, { crashes: { most: 1, windowMs: 300 } });
  await session.openArena('');
  process.kill((await session.stats()).pid, 'SIGKILL');
  await reached(session, 'crashed');
  const crashed = performance.now();
  assert.match(await session.openArena(''), /^2\./);
  assert.ok(performance.now() - crashed >= 290);
});

test('closing an arena cancels its calls, even one whose picture is still on its way', async (t) => {
  const { session, load } = setUp(t);
  const arena = await session.openArena('');
  const loading = session.loadPicture(arena, toyPicture(4000, 4000));
  const image = await load(512);
  const encoding = session.encode(image, longDraw);
  const ends = Promise.allSettled([loading, encoding]);
  await Promise.all([session.closeArena(arena), session.closeArena(image.arena)]);
  for (const end of await ends) {
    assert.equal(end.status, 'rejected');
    assert.equal(end.reason.code, 'CANCELLED');
  }
  await session.closeArena('7.7');
  const stats = await session.stats();
  assert.deepEqual([stats.arenas, stats.handles], [0, 0]);
});

test('calls beyond maxQueued are refused, closing arenas is not', async (t) => {
  const { session, load } = setUp(t, { maxQueued: 2 });
  const image = await load(512);
  const calls = [session.encode(image, longDraw), session.encode(image, longDraw)];
  const ends = Promise.allSettled(calls);
  await session.stats();
  await assert.rejects(session.encode(image, draw), { code: 'BUSY', message: /2 calls waiting.*maxQueued/ });
  assert.equal((await session.stats()).queued, 2);
  await session.closeArena(image.arena);
  for (const end of await ends) assert.equal(end.status, 'rejected');
  assert.equal((await load()).kind, 'image');
});

test('with: a time-out or a signal for each call', async (t) => {
  const { session, load } = setUp(t);
  const image = await load(512);
  await assert.rejects(session.with({ timeoutMs: 20 }).encode(image, longDraw), {
    code: 'TIMEOUT',
    message: /'encode'/,
  });
  const abort = new AbortController();
  const call = session.with({ signal: abort.signal }).encode(image, longDraw);
  abort.abort();
  await assert.rejects(call, { code: 'CANCELLED' });
  await session.closeArena(image.arena);
  assert.equal((await session.stats()).generation, 1, 'a slow process that still answers is left alone');
});

test('a process that hangs in native code is killed after a time-out', async (t) => {
  const { session, load } = setUp(t, {}, { hangMs: 100 });
  const content = await session.encode(await load(), draw);
  const hanging = session.with({ timeoutMs: 100 }).decode(content, { ...clip, seed: SEED_THAT_HANGS });
  await assert.rejects(hanging, { code: 'TIMEOUT' });
  assert.match((await reached(session, 'crashed')).description, /SIGKILL.*no sign of life for 0\.1 s/);
  assert.equal((await load()).generation, 2);
});

test('close ends a process that hangs, and calls in flight reject', async (t) => {
  const { session, load } = setUp(t, {}, { graceMs: 100 });
  const content = await session.encode(await load(), draw);
  const { pid } = await session.stats();
  const hanging = session.decode(content, { ...clip, seed: SEED_THAT_HANGS });
  const ends = Promise.allSettled([hanging]);
  await Promise.all([session.close(), session.close()]);
  assert.ok(!alive(pid));
  const [end] = await ends;
  assert.equal(end.status === 'rejected' && end.reason.code, 'SESSION_CLOSED');
});

test('close during work: the work is cancelled, a call meanwhile waits for the next generation', async (t) => {
  const { session, load } = setUp(t);
  const image = await load(512);
  const ends = Promise.allSettled([session.encode(image, longDraw)]);
  await session.stats();
  const closing = session.close();
  const arena = session.openArena('');
  const [end] = await ends;
  assert.equal(end.status === 'rejected' && end.reason.code, 'SESSION_CLOSED');
  await closing;
  assert.match(await arena, /^2\./);
});

test('after shutdown nothing starts any more', async (t) => {
  const { session, load } = setUp(t);
  const image = await load();
  await session.shutdown();
  await assert.rejects(session.openArena(''), { code: 'SESSION_CLOSED' });
  await assert.rejects(session.encode(image, draw), { code: 'STALE_HANDLE' });
  await session.closeArena(image.arena);
  assert.equal((await session.stats()).pid, 0);
});

test('two sessions are two processes; one crash leaves the other alone', async (t) => {
  const one = setUp(t, { id: 'one' });
  const two = setUp(t, { id: 'two' });
  const [first, second] = await Promise.all([one.load(), two.load()]);
  await assert.rejects(two.session.encode(first, draw), { code: 'FOREIGN_HANDLE', message: /'one', not to 'two'/ });
  const [{ pid }, other] = await Promise.all([one.session.stats(), two.session.stats()]);
  assert.notEqual(pid, other.pid);
  process.kill(pid, 'SIGKILL');
  await reached(one.session, 'crashed');
  assert.equal((await two.session.encode(second, draw)).generation, 1);
});

test('the process ends when its parent is gone', async () => {
  const parent = spawn(process.execPath, [fileURLToPath(new URL('session-parent.ts', import.meta.url))]);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  assert.ok(alive(pid));
  parent.kill('SIGKILL');
  await gone(pid);
});

test('a listener that throws harms nobody', async (t) => {
  const { session, phases } = setUp(t);
  const warned = once(process, 'warning');
  let calls = 0;
  session.onState(() => {
    if (++calls === 2) throw new Error('mistake in a listener');
  });
  const later: string[] = [];
  session.onState((state) => later.push(state.phase));
  await session.start();
  const [warning] = await warned;
  assert.equal(warning.message, 'mistake in a listener');
  assert.deepEqual(later.slice(0, 2), phases().slice(0, 2));
});

test('the event loop of the host stays free while pictures and frames go to and fro', async (t) => {
  const { session } = setUp(t);
  await session.start();
  const source = toyPicture(2000, 1500);
  const p99 = await loopDelay(async () => {
    for (let i = 0; i < 5; i++) {
      const image = await session.loadPicture(await session.openArena(''), source);
      assert.ok(Buffer.from((await session.read(image)).data).equals(source.image.data));
      await session.closeArena(image.arena);
    }
  });
  t.diagnostic(`event-loop delay p99 ${p99.toFixed(1)} ms`);
  assert.ok(p99 < 50, `p99 ${p99} ms`);
});
