/** What the editor says of a wire is what happens: every kind of message to every node, in a real Node-RED. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
  'content of another session': [
    made('image', 'manga-image', [], OTHER),
    made('encoder', 'manga-encoder', [], OTHER),
  ],
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
  generated: [
    made('dataset', 'manga-dataset'),
    made('encoder', 'manga-encoder'),
    made('decoder', 'manga-tcn-decoder'),
  ],
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
  'a loss': [
    made('dataset', 'manga-dataset'),
    made('encoder', 'manga-encoder'),
    made('decoder', 'manga-tcn-decoder'),
    made('temporal', 'manga-loss-temporal'),
  ],
};
const FIRST_PAYLOAD = { payload: PHOTO };

const TARGETS = Object.keys(WIRING).flatMap((type): FlowNode[] => [
  made(`to ${type}`, type),
  ...(type === 'manga-encoder' ? [made('to style', type, [], { mode: 'style' })] : []),
  ...(WIRING[type]!.chooses ? [made(`to ${type} with a path`, type, [], { source: PHOTO, sourceType: 'str' })] : []),
]);

const SESSIONS = [session('session'), session('second')];
/** The chain, its last node wired to the target. */
function chained(chain: readonly FlowNode[], target: string, prefix = ''): FlowNode[] {
  return chain.map((each, i) => {
    const next = chain[i + 1];
    return { ...each, id: prefix + each.id, wires: [[next ? prefix + next.id : target]] };
  });
}

/** Codes that say that the wire is wrong; a trainer says it of other nodes too. */
const WRONG = new Set(['BAD_WIRING', 'FOREIGN_HANDLE', 'BAD_INPUT']);
/** The editor does not know what is in the file, nor what a message from elsewhere carries. */
const UNKNOWN: ReadonlySet<string> = new Set(['manga-hot-folder', 'manga-scene']);

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
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
  assert.deepEqual(JSON.parse(JSON.stringify(WIRING)), WIRING);
});
