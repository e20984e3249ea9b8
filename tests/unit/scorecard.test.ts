/**
 * What the Node-RED library scores a package by (node-red-dev 0.1.6: P01 to P07, N01, N02, D01, D02), for both packages,
 * without the network: its rules on the catalogue (similar names) and on newer releases of dependencies are not checked here.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { packageRoot } from '../../lib/checkpoint/shipped.ts';
import { helpPage } from '../../scripts/build-help.ts';
import { examples } from '../../scripts/examples.ts';
import {
  badPackages,
  checkDefinition,
  definitionsOf,
  type LockedPackage,
  WIDGET_CATEGORY,
} from './scorecard-support.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly bugs: string;
  readonly homepage: string;
  readonly keywords: readonly string[];
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly 'node-red': { readonly version: string; readonly nodes: Readonly<Record<string, string>> };
}

const root = packageRoot();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json'))) as Manifest;
/** A range's lowest version as a number that can be compared: '>=22.9' is 22009000. */
const lowest = (range: string): number => {
  assert.match(range, /^>=\d+(\.\d+)*$/);
  const [major, minor = 0, patch = 0] = range.slice(2).split('.').map(Number);
  return (major! * 1000 + minor) * 1000 + patch;
};
const nodeRed = JSON.parse(read('node_modules/node-red/package.json')) as Manifest;
const lock = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, LockedPackage>> };
const PACKAGES = [
  { folder: '.', prefix: 'manga-' },
  { folder: 'dashboard', prefix: 'ui-manga-' },
];

/** The source of a node's editor file, from the path of its built .js. */
const editorFile = (folder: string, js: string): string =>
  read(join(folder, js.replace(/^dist\//, '').replace(/\.js$/, '.html')));

for (const { folder, prefix } of PACKAGES) {
  const own = manifest(folder);
  const { nodes } = own['node-red'];

  test(`${own.name}: metadata`, () => {
    assert.match(own.name, /^@[a-z\d][\w.-]+\/[a-z\d][\w.-]*$/, 'P04: scoped');
    assert.match(own.version, /^\d+\.\d+\.\d+$/);
    assert.equal(own.license, 'Apache-2.0', 'P01');
    assert.ok(existsSync(join(root, folder, 'LICENSE')) && existsSync(join(root, folder, 'README.md')));
    for (const address of [own.bugs, own.homepage])
      assert.equal(address, `https://www.npmjs.com/package/${own.name}`, 'P03');
    assert.ok(own.description.length > 20 && own.description.length < 140, own.description);
    assert.ok(own.keywords.includes('node-red'), 'P05');
    assert.equal(new Set(own.keywords).size, own.keywords.length);
  });

  test(`${own.name}: runs where Node-RED runs`, () => {
    const [major, minor, patch] = nodeRed.version.split('.').map(Number);
    assert.ok(lowest(own['node-red'].version) <= (major! * 1000 + minor!) * 1000 + patch!, 'P06');
    assert.ok(lowest(own.engines.node) <= lowest(nodeRed.engines.node), 'P07: every Node that Node-RED runs on');
  });

  test(`${own.name}: six dependencies at most, of one version each; Node-RED is none of them`, () => {
    const dependencies = own.dependencies ?? {};
    assert.ok(Object.keys(dependencies).length <= 6, 'D01');
    for (const [name, version] of Object.entries(dependencies)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
    assert.equal({ ...dependencies, ...own.peerDependencies }['node-red'], undefined);
  });

  test(`${own.name}: nothing in the tree of its dependencies that Node-RED does not bear`, () => {
    assert.deepEqual(badPackages(lock.packages, Object.keys(own.dependencies ?? {})), [], 'D02');
  });

  test(`${own.name}: every node registers itself once, under a name of ours`, () => {
    const registered = Object.entries(nodes).flatMap(([type, js]) => {
      const html = editorFile(folder, js);
      const [definition, ...more] = definitionsOf(html);
      assert.equal(definition?.type, type, js);
      assert.equal(more.length, 0, js);
      checkDefinition(definition);
      assert.match(html, new RegExp(`data-template-name="${type}"`), `${type}: its form`);
      return [type];
    });
    for (const type of registered) assert.ok(type.startsWith(prefix), `N01: ${type}`);
    assert.equal(new Set(registered).size, registered.length, 'N01');
    assert.equal(new Set(Object.values(nodes)).size, registered.length);
  });

  test(`${own.name}: icons are there, white, and none has another's name`, () => {
    const names = new Map<string, string>();
    for (const js of Object.values(nodes)) {
      const icon = /icon: '([^']+)'/.exec(editorFile(folder, js))?.[1];
      if (icon === undefined || icon.startsWith('font-awesome/')) continue;
      const file = join(folder, dirname(js).replace(/^dist\//, ''), 'icons', icon);
      const svg = read(file);
      assert.match(svg, /^<svg[^>]* viewBox=/, file);
      const colours = [...svg.matchAll(/(?:fill|stroke)="(#[^"]+|\w+)"/g)].map(([, colour]) => colour!.toLowerCase());
      assert.ok(
        colours.length > 0 && colours.every((colour) => /^(none|white|#fff|#ffffff)$/.test(colour)),
        `${file}: ${colours}`,
      );
      const same = names.get(icon);
      assert.ok(same === undefined || read(same) === svg, `${file} and ${same}`);
      names.set(icon, file);
    }
    assert.ok(names.size > 0);
  });

  test(`${own.name}: an example for every node (N02), and help in the palette`, () => {
    const used = new Set(
      examples(root).flatMap(({ file }) =>
        (JSON.parse(readFileSync(file, 'utf8')) as { type: string }[]).map(({ type }) => type),
      ),
    );
    for (const type of Object.keys(nodes)) {
      assert.ok(used.has(type), type);
      assert.ok(read(helpPage(type, 'en-US')).length > 200, type);
    }
  });
}

test('no node of one package clashes with one of the other, or of Node-RED', () => {
  const ours = PACKAGES.flatMap(({ folder }) => Object.keys(manifest(folder)['node-red'].nodes));
  assert.equal(new Set(ours).size, ours.length);
  const core = globSync('node_modules/@node-red/nodes/core/**/*.js', { cwd: root }).flatMap((file) =>
    [...read(file).matchAll(/registerType\(["']([^"']+)/g)].map(([, type]) => type!),
  );
  assert.ok(core.includes('inject'));
  assert.deepEqual(
    ours.filter((type) => core.includes(type)),
    [],
  );
});

test('the library of the scorecard takes the group of widgets as FlowFuse’s own have it', () => {
  const button = read('node_modules/@flowfuse/node-red-dashboard/nodes/widgets/ui_button.html');
  assert.equal(definitionsOf(button)[0]?.values.get('category'), WIDGET_CATEGORY);
});

test('what is not inline, and a bad package far down the tree, are found', () => {
  const inline = {
    ...{ category: "'manga'", color: "'#fff'", icon: "'a.svg'", inputs: '1', outputs: '0', defaults: '{ name: {} }' },
  };
  const page = (change: Readonly<Record<string, string>>): string =>
    `<script type="text/javascript">RED.nodes.registerType('a', { ${Object.entries({ ...inline, ...change })
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')} });</script>`;
  checkDefinition(definitionsOf(page({}))[0]!);
  for (const [key, value] of [
    ['color', 'COLOUR'],
    ['icon', 'iconOf("a")'],
    ['inputs', 'ONE + 0'],
    ['defaults', 'defaults'],
    ['category', "RED._('manga')"],
  ]) {
    assert.throws(() => checkDefinition(definitionsOf(page({ [key!]: value! }))[0]!), assert.AssertionError, key);
  }
  assert.throws(() => definitionsOf('<script type="text/javascript">RED.nodes.registerType(name, {});</script>'));
  const packages = {
    'node_modules/a': { version: '1.0.0', dependencies: { b: '^1.0.0' } },
    'node_modules/a/node_modules/b': { version: '1.0.0', dependencies: { 'agent-base': '^5.0.0' } },
    'node_modules/a/node_modules/agent-base': { version: '5.1.1' },
    'node_modules/agent-base': { version: '7.1.0' },
    'node_modules/c': { version: '1.0.0', optionalDependencies: { 'agent-base': '^7.0.0', d: '1' } },
  };
  assert.deepEqual(badPackages(packages, ['a']), ['node_modules/a/node_modules/agent-base 5.1.1']);
  assert.deepEqual(badPackages(packages, ['c']), []);
});
