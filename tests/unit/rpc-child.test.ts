/** The RPC with a real process at the other end of a real pipe. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { RpcClient } from '../../lib/session/rpc.ts';
import { loopDelay } from './session-loop-delay.ts';

function start(maxQueued: number) {
  const worker = fileURLToPath(new URL('rpc-echo-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [worker], { stdio: ['ignore', 'inherit', 'inherit', 'overlapped'] });
  const client = new RpcClient(child.stdio[3] as Duplex, { maxQueued, onDisconnect: () => {} });
  const stop = async (): Promise<void> => {
    client.close(new MangaError('SESSION_CLOSED', 'closed'));
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { client, stop };
}

test('10,000 small calls: all answered, each with its own answer', async (t) => {
  const { client, stop } = start(10_000);
  t.after(stop);
  const calls = Array.from({ length: 10_000 }, (_, i) => client.call('echo', [i]));
  await assert.rejects(client.call('echo', [-1]), { code: 'BUSY' });
  assert.deepEqual(await Promise.all(calls), Array.from(calls.keys()));
  assert.equal(client.inFlight, 0);
});

test('10,000 small calls, 64 at a time, leave the event loop free', async (t) => {
  const { client, stop } = start(64);
  t.after(stop);
  await client.call('echo', [0]);
  const p99 = await loopDelay(async () => {
    let next = 0;
    const chain = async (): Promise<void> => {
      while (next < 10_000) {
        const i = next++;
        assert.equal(await client.call('echo', [i]), i);
      }
    };
    await Promise.all(Array.from({ length: 64 }, chain));
  });
  t.diagnostic(`event-loop delay p99 ${p99.toFixed(1)} ms`);
  assert.ok(p99 < 50, `p99 ${p99} ms`);
});

test('60 MB there and back: same bytes, small calls in between, event loop free', async (t) => {
  const { client, stop } = start(64);
  t.after(stop);
  await client.call('echo', [0]);
  const sent = new Float32Array(15e6).map((_, i) => i);
  let back: unknown;
  let small = 0;
  const p99 = await loopDelay(async () => {
    let going = true;
    const big = client.call('echo', [{ sent }]).then((value) => {
      back = value;
      going = false;
    });
    while (going) assert.equal(await client.call('echo', [++small]), small);
    await big;
  });
  t.diagnostic(`event-loop delay p99 ${p99.toFixed(1)} ms, ${small} small calls meanwhile`);
  assert.ok(Buffer.from((back as { sent: Float32Array }).sent.buffer).equals(Buffer.from(sent.buffer)));
  assert.ok(p99 < 50, `p99 ${p99} ms`);
  assert.ok(small > 10);
});

test('50 big answers at once', async (t) => {
  const { client, stop } = start(64);
  t.after(stop);
  const sizes = Array.from({ length: 50 }, (_, i) => 1e6 + i);
  const answers = (await Promise.all(sizes.map((size) => client.call('bytes', [size])))) as Uint8Array[];
  assert.deepEqual(
    answers.map((bytes) => bytes.length),
    sizes,
  );
  assert.ok(answers.every((bytes) => bytes.every((byte) => byte === 7)));
});
