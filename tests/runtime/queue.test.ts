/** The flow for several machines in the real Node-RED, with a real Redis and a worker as users start it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { numbered } from '../../scripts/fuzz/pictures.ts';
import { RedisServer, Worker } from '../unit/queue-support.ts';
import { node } from './support/flow.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

let runtime: Runtime;
let redis: RedisServer;
let worker: Worker | undefined;
before(async () => {
  redis = await RedisServer.start();
  runtime = await Runtime.start();
});
after(async () => {
  await runtime?.stop();
  await worker?.stop();
  await redis.stop();
});

test('pictures dropped in Node-RED are drawn by a worker; a broken one is reported; a flow that workers cannot draw says so', {
  timeout: 120_000,
}, async () => {
  const example = JSON.parse(readFileSync(join(ROOT, 'examples', '13 Several machines.json'), 'utf8')) as FlowNode[];
  const flow = example.map((each) => ({
    ...each,
    ...('size' in each ? { size: '96' } : {}),
    ...('frames' in each ? { frames: '4' } : {}),
    ...(each.type === 'manga-hot-folder'
      ? { queue: redis.url('runtime'), settle: '0.1', wires: [(each.wires as string[][])[0], ['done'], ['failed']] }
      : {}),
  }));
  const sink = (id: string) => node(id, 'debug', [], { active: false, tosidebar: false, console: false });
  await runtime.deploy([...flow, sink('done'), sink('failed')] as FlowNode[]);
  const inbox = join(runtime.userDir, 'inbox');
  mkdirSync(inbox, { recursive: true });
  for (let n = 0; n < 3; n++) writeFileSync(join(inbox, `photo ${n}.jpg`), await numbered(1, n, 64, 48));
  const broken = await numbered(1, 9, 64, 48);
  writeFileSync(join(inbox, 'broken.jpg'), broken.subarray(0, broken.length - 300));
  worker = await Worker.start(['--queue', redis.url('runtime'), '--engine', 'onnx']);
  for (let n = 0; n < 3; n++) assert.equal((await runtime.message('done')).payload.state, 'done');
  const { payload } = await runtime.message('failed');
  assert.deepEqual([payload.name, payload.state], ['broken.jpg', 'failed']);
  const clips = readdirSync(join(runtime.userDir, 'outbox')).filter((name) => name.endsWith('.mp4'));
  assert.deepEqual(clips.sort(), ['photo 0.mp4', 'photo 1.mp4', 'photo 2.mp4']);
  assert.ok(existsSync(join(inbox, 'done', 'photo 1.jpg')));

  const styled = flow.map((each) =>
    each.type === 'manga-tcn-decoder' ? { ...each, style: 'page.jpg', styleType: 'str' } : each,
  );
  await runtime.deploy([...styled, sink('done'), sink('failed')] as FlowNode[]);
  writeFileSync(join(inbox, 'another.jpg'), await numbered(1, 20, 64, 48));
  const refused = (await runtime.message('failed')).payload;
  assert.match(JSON.stringify(refused), /cannot be drawn by workers.*style page/);
});
