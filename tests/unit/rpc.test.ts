import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { HEADER_BYTES, MAX_DATA_BYTES, PacketError, PacketKind, packetHeader } from '../../lib/session/packets.ts';
import { RpcClient, type RpcHandler, serveRpc } from '../../lib/session/rpc.ts';
import { deferred } from './session-deferred.ts';

function connect(handler: RpcHandler, maxQueued = 64) {
  const [near, far] = duplexPair();
  const disconnected = deferred<Error | undefined>();
  const client = new RpcClient(near, { maxQueued, onDisconnect: disconnected.resolve });
  const served = serveRpc(far, handler);
  served.catch(() => {});
  return { client, served, disconnected: disconnected.promise, near, far };
}

const closed = new MangaError('SESSION_CLOSED', 'closed');

test('values, undefined and typed arrays cross unchanged, as copies', async () => {
  const { client } = connect(async (_method, args) => args[0]);
  const float = Float32Array.of(1.5, -0, NaN, Infinity);
  const bytes = Buffer.from('a view into a pool');
  const big = new Uint8Array(3 * MAX_DATA_BYTES + 1).map((_, i) => i * 7);
  const value = { float, list: [{ bytes }, new Uint8Array(0)], int: Int32Array.of(-1, 2 ** 31 - 1), big, text: 'é\n' };
  const back = (await client.call('echo', [value])) as typeof value;
  assert.deepEqual(back.float, float);
  assert.deepEqual(back.int, value.int);
  assert.deepEqual(back.list[0], { bytes: new Uint8Array(bytes) });
  assert.deepEqual(back.list[1], new Uint8Array(0));
  assert.ok(Buffer.from(back.big).equals(big));
  assert.equal(back.text, value.text);
  assert.equal(await client.call('echo', [undefined]), null);
  assert.equal(await client.call('echo', []), undefined);
  client.close(closed);
});

test('a typed array at the top of an answer crosses too', async () => {
  const { client } = connect(async () => Float32Array.of(1, 2));
  assert.deepEqual(await client.call('floats', []), Float32Array.of(1, 2));
  client.close(closed);
});

test('what cannot be sent rejects the call alone', async () => {
  const { client } = connect(async (_method, args) => (args[0] === 'bad' ? new Uint16Array(2) : args[0]));
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  await assert.rejects(client.call('echo', [cyclic]), { code: 'BAD_INPUT' });
  await assert.rejects(client.call('echo', [new Uint16Array(2)]), { code: 'BAD_INPUT', message: /Uint16Array/ });
  await assert.rejects(client.call('echo', ['x'.repeat(5e6)]), { code: 'BAD_INPUT', message: /too big/ });
  await assert.rejects(client.call('echo', ['bad']), { code: 'BAD_INPUT', message: /Uint16Array/ });
  assert.equal(client.inFlight, 0);
  assert.equal(await client.call('echo', [1]), 1);
  client.close(closed);
});

test('errors keep code, message and hint', async () => {
  const { client } = connect(async (method) => {
    if (method === 'manga') throw new MangaError('OUT_OF_MEMORY', 'Too big.', 'Make it smaller.');
    throw new TypeError('x is not a function');
  });
  const error = await client.call('manga', []).catch((e) => e);
  assert.ok(error instanceof MangaError);
  assert.equal(error.code, 'OUT_OF_MEMORY');
  assert.equal(error.message, 'Too big. Make it smaller.');
  assert.equal(error.hint, 'Make it smaller.');
  await assert.rejects(client.call('other', []), { code: 'INTERNAL', message: 'x is not a function' });
  client.close(closed);
});

test('calls beyond maxQueued reject with BUSY, urgent ones do not', async () => {
  const gate = deferred<void>();
  const { client } = connect(async (method) => (method === 'wait' ? gate.promise : 'now'), 3);
  const waiting = [1, 2, 3].map(() => client.call('wait', []));
  await assert.rejects(client.call('wait', []), { code: 'BUSY' });
  assert.equal(await client.call('free', [], { urgent: true }), 'now');
  assert.equal(client.inFlight, 3);
  gate.resolve();
  await Promise.all(waiting);
  assert.equal(client.inFlight, 0);
  assert.equal(await client.call('free', []), 'now');
  client.close(closed);
});

test('cancelling rejects at once, reaches the handler, and counts until that has ended', async () => {
  const began = deferred<AbortSignal>();
  const ended = deferred<void>();
  const { client } = connect(async (_method, _args, signal) => {
    began.resolve(signal);
    await once(signal, 'abort');
    await ended.promise;
  });
  const abort = new AbortController();
  const call = client.call('work', [], { signal: abort.signal });
  const signal = await began.promise;
  abort.abort();
  await assert.rejects(call, { code: 'CANCELLED' });
  assert.equal(client.inFlight, 1);
  if (!signal.aborted) await once(signal, 'abort');
  ended.resolve();
  while (client.inFlight > 0) await new Promise(setImmediate);
  await assert.rejects(client.call('work', [], { signal: AbortSignal.abort() }), { code: 'CANCELLED' });
  client.close(closed);
});

test('a cancelled call that is still going out is taken back', async () => {
  const seen: string[] = [];
  const { client } = connect(async (method) => seen.push(method));
  const abort = new AbortController();
  const big = client.call('big', [new Uint8Array(50e6)], { signal: abort.signal });
  abort.abort();
  await assert.rejects(big, { code: 'CANCELLED' });
  assert.equal(client.inFlight, 0);
  await client.call('small', []);
  assert.deepEqual(seen, ['small']);
  client.close(closed);
});

test('a call that takes too long rejects with TIMEOUT and is cancelled', async () => {
  const aborted = deferred<void>();
  const { client } = connect(async (_method, _args, signal) => {
    await once(signal, 'abort');
    aborted.resolve();
  });
  await assert.rejects(client.call('work', [], { timeoutMs: 20 }), { code: 'TIMEOUT', message: /'work'.*0\.02 s/ });
  await aborted.promise;
  client.close(closed);
});

test('a small call overtakes a big one', async () => {
  const { client } = connect(async (method) => method);
  const order: unknown[] = [];
  const big = client.call('big', [new Uint8Array(50e6)]).then((m) => order.push(m));
  const small = client.call('small', []).then((m) => order.push(m));
  await Promise.all([big, small]);
  assert.deepEqual(order, ['small', 'big']);
  client.close(closed);
});

test('closing rejects calls in flight and later ones with the given error, and aborts the work', async () => {
  const began = deferred<AbortSignal>();
  const { client, served } = connect((_method, _args, signal) => {
    began.resolve(signal);
    return new Promise(() => {});
  });
  const call = client.call('work', []);
  const signal = await began.promise;
  client.close(closed);
  await assert.rejects(call, closed);
  await assert.rejects(client.call('work', []), closed);
  await served;
  assert.ok(signal.aborted);
});

function header(...[kind, message, bytes]: [number, number, number]): Buffer {
  return packetHeader(kind as PacketKind, message, bytes);
}

function head(text: string): Buffer {
  return Buffer.concat([header(PacketKind.head, 1, Buffer.byteLength(text)), Buffer.from(text)]);
}

const slot = (path: unknown, type: string, bytes: number) => ({ path, type, bytes });
const withSlots = (...slots: unknown[]) => head(JSON.stringify({ json: { call: 1, method: 'm', args: [] }, slots }));

const malformed: Record<string, Buffer> = {
  'random bytes': Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'a head of 4 GB': header(PacketKind.head, 1, 2 ** 32 - 1),
  'an unknown kind': header(9, 1, 0),
  'data without a head': header(PacketKind.data, 5, 1),
  'more data than announced': Buffer.concat([withSlots(slot(['x'], 'uint8', 2)), header(PacketKind.data, 1, 3)]),
  'a drop of nothing': header(PacketKind.drop, 5, 0),
  'no JSON': head('{'),
  'a head without slots': head('{}'),
  null: head('null'),
  'a negative length': withSlots(slot(['x'], 'uint8', -4)),
  'a length of 2^53': withSlots(slot(['x'], 'uint8', 2 ** 53 - 1)),
  'a float of 3 bytes': withSlots(slot(['x'], 'float32', 3)),
  'a path to nowhere': withSlots(slot(['nowhere', 'x'], 'uint8', 0)),
  'a path to a prototype': withSlots(slot(['__proto__', 'x'], 'uint8', 0)),
  'a path that is none': withSlots(slot('x', 'uint8', 0)),
  'a slot that is null': withSlots(null),
  'no call': head(JSON.stringify({ json: { hello: 1 }, slots: [] })),
};

for (const [name, bytes] of Object.entries(malformed))
  test(`malformed: ${name} ends the connection with an error, on either side`, async () => {
    const [near, far] = duplexPair();
    const served = serveRpc(far, async () => 1);
    near.write(bytes);
    await assert.rejects(served, PacketError);

    const broken = connect(async () => new Promise(() => {}));
    const call = broken.client.call('work', []);
    (broken.far as Duplex).write(bytes);
    assert.ok((await broken.disconnected) instanceof PacketError);
    broken.client.close(closed);
    await assert.rejects(call, closed);
  });

test('packets may be cut anywhere', async () => {
  const [near, far] = duplexPair();
  const got = deferred<readonly unknown[]>();
  const served = serveRpc(far, async (_method, args) => got.resolve(args));
  const whole = Buffer.concat([
    head(JSON.stringify({ json: { call: 1, method: 'm', args: [null] }, slots: [slot(['args', 0], 'uint8', 5)] })),
    ...[header(PacketKind.data, 1, 2), Buffer.of(1, 2), header(PacketKind.data, 1, 3), Buffer.of(3, 4, 5)],
  ]);
  for (const byte of whole) near.write(Buffer.of(byte));
  assert.deepEqual(await got.promise, [Uint8Array.of(1, 2, 3, 4, 5)]);
  assert.equal(whole.subarray(0, HEADER_BYTES).length, 12);
  near.end();
  await served;
});
