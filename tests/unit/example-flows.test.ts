/** The example flows as the import menu shows them: numbered, complete, tidy. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { packageRoot } from '../../lib/checkpoint/shipped.ts';
import { samplePath } from '../../lib/samples.ts';
import { examples } from '../../scripts/examples.ts';

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly z?: string;
  readonly x?: number;
  readonly y?: number;
}

const flows = examples(packageRoot()).map(({ file, name }) => ({
  name,
  text: readFileSync(file, 'utf8'),
  nodes: JSON.parse(readFileSync(file, 'utf8')) as FlowNode[],
}));
const GRID = 20;

const typesOf = (manifest: string): string[] =>
  Object.keys(JSON.parse(readFileSync(join(packageRoot(), manifest), 'utf8'))['node-red'].nodes);

/** What the editor draws on the canvas. */
const drawn = (nodes: readonly FlowNode[]): (FlowNode & { x: number; y: number })[] =>
  nodes.filter((node): node is FlowNode & { x: number; y: number } => node.x !== undefined && node.y !== undefined);

/** At least so wide is a node drawn, px: the editor's smallest, or its name in narrow letters. Link nodes are circles. */
function width({ type, name = '' }: FlowNode): number {
  return type.startsWith('link ') ? 30 : Math.max(100, 40 + 4.5 * name.length);
}

test('they are numbered without a gap, and the menu sorts them so', () => {
  for (const [index, { name }] of flows.entries()) {
    assert.match(name, new RegExp(`^${String(index + 1).padStart(2, '0')} [A-Z][\\w -]+$`));
  }
});

test('every node of both packages is in one of them', () => {
  const used = new Set(flows.flatMap(({ nodes }) => nodes.map(({ type }) => type)));
  const types = [...typesOf('package.json'), ...typesOf('dashboard/package.json')];
  assert.deepEqual(
    types.filter((type) => !used.has(type)),
    [],
  );
});

test('each is one tab of its own, with comments that explain it', () => {
  for (const { name, nodes } of flows) {
    const tabs = nodes.filter(({ type }) => type === 'tab');
    assert.equal(tabs.length, 1, name);
    assert.ok((tabs[0] as unknown as { info: string }).info.length > 20, `${name}: the tab's description`);
    assert.ok(
      nodes.some((node) => node.type === 'comment' && node.name),
      `${name}: a comment`,
    );
    for (const node of drawn(nodes)) assert.equal(node.z, tabs[0]!.id, `${name}: ${node.type}`);
  }
});

test('nodes stand on the grid, and none on another', () => {
  for (const { name, nodes } of flows) {
    const all = drawn(nodes);
    for (const { type, x, y } of all) {
      const centre = type.startsWith('link ') ? 15 : 10;
      assert.ok(y % GRID === 0 && [0, centre, GRID - centre].includes(x % GRID), `${name}: ${type} at ${x}, ${y}`);
    }
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) {
        const apart =
          Math.abs(one.x - other.x) >= (width(one) + width(other)) / 2 || Math.abs(one.y - other.y) >= 2 * GRID;
        assert.ok(apart, `${name}: ${one.type} ${one.name} and ${other.type} ${other.name}`);
      }
    }
  }
});

test('no id stands in two of them: several can be imported into one editor', () => {
  const owner = new Map<string, string>();
  for (const { name, nodes } of flows) {
    for (const { id } of nodes) {
      assert.equal(owner.get(id), undefined, `${id} of ${name}`);
      owner.set(id, name);
    }
  }
});

test('the samples that they name are there', () => {
  const named = flows.flatMap(({ text }) => text.match(/sample:[\w./-]+/g) ?? []);
  assert.ok(named.length > 5, `${named.length} samples`);
  for (const sample of named) assert.ok(samplePath(sample), sample);
  assert.throws(() => samplePath('sample:photos/none.jpg'), { code: 'BAD_INPUT' });
  assert.throws(() => samplePath('sample:../package.json'), { code: 'BAD_INPUT' });
  assert.equal(samplePath('photo.jpg'), undefined);
});
