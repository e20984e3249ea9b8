/** What the editor says of a wire is what happens: every kind of message to every node, in a real Node-RED. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import vm from 'node:vm';
import { BLOCKS } from '../../lib/plan/blocks.ts';
import { WIRING } from '../../nodes/wiring-table.ts';
import { node, PHOTO, session } from './support/flow.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

interface Problem {
  readonly code: string;
}
interface Graph extends FlowNode {
  links: string[][];
}
type Check = (nodes: readonly Graph[], table: typeof WIRING) => Map<string, Problem[]>;

/** The editor's own function. */
const checkWires: Check = (() => {
  const html = readFileSync(join(ROOT, 'nodes', 'common', 'wiring-check.html'), 'utf8');
  const context = vm.createContext({ MotionManga: {} });
  context.window = context;
  vm.runInContext(/<script type="text\/javascript">([\s\S]*)<\/script>/.exec(html)![1]!, context);
  return context.MotionManga.checkWires as Check;
})();

const graphOf = (flow: readonly FlowNode[]): Graph[] =>
  flow.map((each) => ({ ...each, links: (each.wires ?? []) as string[][] }));

const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  'manga-image': { source: 'payload', sourceType: 'msg' },
  'manga-dataset': { side: '64', frames: '4', photos: 'photos', photosType: 'str' },
  'manga-tcn-decoder': { trainSide: '64', trainFrames: '4', size: '64', frames: '2' },
  'manga-stylize': { size: '64', frames: '2' },
  'manga-encoder': { size: '64' },
  'manga-clip': { format: 'gif', release: false, folder: 'out', folderType: 'str' },
  'manga-hot-folder': { inbox: 'inbox', inboxType: 'str' },
  'manga-trainer': { out: 'run', outType: 'str' },
};

const made = (id: string, type: string, to: string[] = [], more: Record<string, unknown> = {}): FlowNode =>
  node(id, type, to, { ...SMALL[type], ...more });

/**
 * Chains that give every kind of message; each one's last node is the source of the wire under test. The first is fed by
 * the test, as an inject node would.
 */
const OTHER = { session: 'second' };
const CHAINS: Readonly<Record<string, readonly FlowNode[]>> = {
  image: [made('image', 'manga-image')],
  'image of another session': [made('image', 'manga-image', [], OTHER)],
  content: [made('image', 'manga-image'), made('encoder', 'manga-encoder')],
  'content of another session': [made('image', 'manga-image', [], OTHER), made('encoder', 'manga-encoder', [], OTHER)],
  style: [made('image', 'manga-image'), made('style', 'manga-encoder', [], { mode: 'style' })],
  'previewed content': [
    made('image', 'manga-image'),
    made('encoder', 'manga-encoder'),
    made('preview', 'manga-preview'),
  ],
  frames: [made('stylize', 'manga-stylize')],
  'frames of another session': [made('stylize', 'manga-stylize', [], OTHER)],
  clip: [made('stylize', 'manga-stylize'), made('clip', 'manga-clip')],
  photos: [made('dataset', 'manga-dataset')],
  'photos of another session': [made('dataset', 'manga-dataset', [], OTHER)],
  'training content': [made('dataset', 'manga-dataset'), made('encoder', 'manga-encoder')],
  'photos of another side': [made('dataset', 'manga-dataset', [], { side: '128' }), made('encoder', 'manga-encoder')],
  generated: [made('dataset', 'manga-dataset'), made('encoder', 'manga-encoder'), made('decoder', 'manga-tcn-decoder')],
  'generated, fewer frames': [
    made('dataset', 'manga-dataset'),
    made('encoder', 'manga-encoder'),
    made('decoder', 'manga-tcn-decoder', [], { trainFrames: '3' }),
  ],
  judged: [
    made('dataset', 'manga-dataset'),
    made('encoder', 'manga-encoder'),
    made('decoder', 'manga-tcn-decoder'),
    made('discriminator', 'manga-discriminator'),
  ],
  'content, and the style page of another session': [
    made('page', 'manga-image', [], OTHER),
    made('style', 'manga-encoder', [], { ...OTHER, mode: 'style' }),
    made('image', 'manga-image', [], { source: PHOTO, sourceType: 'str' }),
    made('encoder', 'manga-encoder'),
  ],
  'a loss': [
    made('dataset', 'manga-dataset'),
    made('encoder', 'manga-encoder'),
    made('decoder', 'manga-tcn-decoder'),
    made('temporal', 'manga-loss-temporal'),
  ],
};
/** What somebody else's node sends to the first node. */
const FIRST = { payload: PHOTO, parts: { id: 'page', index: 0, count: 1 } };

/** Sources whose messages are made here: a hot folder's takes seconds, a trainer's a training. */
const SENDERS: Readonly<Record<string, { readonly from: FlowNode; readonly message: Record<string, unknown> }>> = {
  'picture of another hot folder': {
    from: made('folder', 'manga-hot-folder', [], { inbox: 'elsewhere' }),
    message: { payload: PHOTO, manga: { job: { folder: 'folder', jobId: '1', name: 'a.jpg' }, source: 'a.jpg' } },
  },
  'training report': {
    from: made('trainer', 'manga-trainer'),
    message: { topic: 'training', payload: { state: 'running', step: 1, steps: 2, losses: {}, rollbacks: 0 } },
  },
};

const TARGETS: readonly FlowNode[] = Object.keys(WIRING).flatMap((type) => [
  made(`to ${type}`, type),
  ...(type === 'manga-encoder' ? [made('to style', type, [], { mode: 'style' })] : []),
  ...(['manga-image', 'manga-stylize'].includes(type)
    ? [made(`to ${type} with a path`, type, [], { source: PHOTO, sourceType: 'str' })]
    : []),
]);

const SESSIONS = ['session', 'second'].map((id) => session(id, { idleSeconds: '600' }));

/** The nodes in a row, the last one wired to `to`. */
function row(nodes: readonly FlowNode[], to: string, prefix = ''): FlowNode[] {
  return nodes.map((each, i) => {
    const next = nodes[i + 1];
    return { ...each, id: prefix + each.id, wires: [[next ? prefix + next.id : to]] };
  });
}

/** Codes that say that the wire is wrong. */
const WRONG: readonly (string | undefined)[] = ['BAD_WIRING', 'FOREIGN_HANDLE', 'BAD_INPUT'];

let runtime: Runtime;
/** Who waits for a node's done. */
const ended = new Map<string, (code: string | undefined) => void>();
before(async () => {
  runtime = await Runtime.start();
  runtime.red.hooks.add('onComplete.pairs', (event) => {
    const { node: at, error } = event as typeof event & { error?: { code?: string } };
    ended.get(at!.id)?.(error && (error.code ?? 'INTERNAL'));
  });
});
after(() => runtime.stop());

test('the table has every node of the package, and all that the blocks of a plan take and give', () => {
  const { nodes } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))['node-red'] as {
    nodes: Record<string, string>;
  };
  const known = Object.keys(nodes).filter((type) => type !== 'manga-session');
  assert.deepEqual(Object.keys(WIRING).sort(), known.sort(), 'add the node to nodes/wiring-table.ts');
  for (const { type, inputs, outputs } of Object.values(BLOCKS)) {
    const { takes, gives } = WIRING[type]!.training!;
    assert.equal(takes.length, Object.keys(inputs).length, type);
    assert.equal(gives.length, Object.keys(outputs).length, type);
  }
});

test('what the editor says of each wire is what a real message meets', { timeout: 120_000 }, async (t) => {
  const chains = Object.entries(CHAINS);
  const sinks = chains.map(([name]) => node(`sink ${name}`, 'debug', [], { active: false, tosidebar: false }));
  mkdirSync(join(runtime.userDir, 'photos'));
  copyFileSync(PHOTO, join(runtime.userDir, 'photos', 'photo.jpg'));
  const rows = chains.flatMap(([name, nodes]) => row(nodes, `sink ${name}`, `${name}: `));
  await runtime.deploy([{ id: 'tab', type: 'tab' }, ...SESSIONS, ...rows, ...sinks, ...TARGETS]);

  const sources: { name: string; nodes: readonly FlowNode[]; message: Record<string, unknown> }[] = [];
  for (const [name, nodes] of chains) {
    runtime.send(`${name}: ${nodes[0]!.id}`, structuredClone(FIRST));
    const message = await runtime.message(`sink ${name}`);
    sources.push({ name, nodes, message: message as unknown as Record<string, unknown> });
  }
  // A file that is a picture and a video: the editor does not look into files.
  const path = sources.find(({ name }) => name === 'clip')!.message.filename;
  for (const [name, { from, message }] of Object.entries(SENDERS)) {
    const payload = message.payload === PHOTO ? path : message.payload;
    sources.push({ name, nodes: [from], message: { ...message, payload } });
  }

  /** The code of the error that the target's done was called with. */
  const meets = (target: FlowNode, message: Record<string, unknown>): Promise<string | undefined> =>
    new Promise((resolve) => {
      ended.set(target.id, resolve);
      const own = structuredClone(message) as { manga?: Record<string, unknown>; topic?: string };
      // The editor cannot know whose job a message from elsewhere is: here it is this folder's.
      if (target.type === 'manga-hot-folder' && !('plan' in own) && own.topic !== 'training') {
        own.manga = { job: { folder: target.id, jobId: '1' }, ...own.manga };
      }
      runtime.send(target.id, own);
    });
  const disagree: string[] = [];
  let wrong = 0;
  for (const { name, nodes, message } of sources) {
    const before = checkWires(graphOf([...SESSIONS, ...row(nodes, 'nowhere')]), WIRING);
    assert.equal(before.size, 0, `${name} is a wire that works`);
    const answers = TARGETS.map(async (target) => {
      const flow = [...SESSIONS, ...row(nodes, target.id), target];
      // What a trainer finds wrong in front of it is told by the node that is wrong.
      const says = checkWires(graphOf(flow), WIRING).has(target.id);
      const code = await meets(target, message);
      // A job that the folder does not know is no matter of wires.
      const fails = target.type === 'manga-hot-folder' ? code === 'BAD_WIRING' : WRONG.includes(code);
      if (says) wrong++;
      if (says !== fails) disagree.push(`${name} ${target.id}: the editor says ${says}, the node ${code}`);
    });
    await Promise.all(answers);
  }
  t.diagnostic(`${sources.length * TARGETS.length} wires, ${wrong} of them wrong`);
  assert.deepEqual(disagree, []);
});
