/** What users get: both packages as they are packed. palette-node22.test.ts and palette-node24.test.ts install them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import test, { after, before } from 'node:test';
import { examples } from '../../scripts/examples.ts';
import { type Packed, pack, ROOT } from '../../scripts/fresh-node-red.ts';

const MIB = 2 ** 20;
const MAIN = ROOT;
const DASHBOARD = join(ROOT, 'dashboard');
const folder = mkdtempSync(join(tmpdir(), 'motion-manga-palette-'));
let main: Packed;
let dashboard: Packed;
before(async () => {
  main = await pack(MAIN, folder);
  dashboard = await pack(DASHBOARD, folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const manifestOf = (at: string) => JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
/** What does not begin with one of these has no business in the package. */
const strange = ({ files }: Packed, ...rooms: RegExp[]): string[] =>
  files.filter((file) => !rooms.some((room) => room.test(file)));
const PLAIN = /^(package\.json|README(\.(ja|zh-CN))?\.md|LICENSE)$/;

test('the main package holds what is needed, and nothing else', () => {
  const dist = /^dist\/(cli|lib|nodes)\/.+\.js$/;
  const editor = /^dist\/nodes\/[\w/-]+\.(html|svg|json)$/;
  const data = /^(models|samples|docs|examples)\/[\w -]+(\/[\w.-]+)*(\.(json|md|onnx|safetensors|jpg|png|webp))?$/;
  assert.deepEqual(strange(main, PLAIN, dist, editor, data, /^scripts\/preinstall\.js$/), []);
  for (const { name } of examples(ROOT)) assert.ok(main.files.includes(`examples/${name}.json`), name);
  for (const model of ['ink', 'pencil', 'webtoon', 'perceptual']) {
    assert.ok(main.files.includes(`models/${model}/README.md`), `${model} has its card`);
  }
  assert.ok(main.size < 24 * MIB, `${main.size} bytes`);
});

test('the dashboard package holds its nodes, its built widgets and its examples', () => {
  const dist = /^dist\/(lib|nodes)\/.+\.(js|html|json|svg)$/;
  assert.deepEqual(strange(dashboard, PLAIN, dist, /^resources\/[\w.-]+\.js$/, /^examples\/\d\d [\w ]+\.json$/), []);
  for (const { output } of Object.values<{ output: string }>(manifestOf(DASHBOARD)['node-red-dashboard-2'].widgets)) {
    assert.ok(dashboard.files.includes(`resources/${output}`), output);
  }
  assert.equal(dashboard.files.filter((file) => file.startsWith('examples/')).length, 2);
  assert.ok(dashboard.size < MIB, `${dashboard.size} bytes`);
});

test('every file that a package.json names is packed, each node with form, icons and texts', () => {
  for (const [at, { files }] of [
    [MAIN, main],
    [DASHBOARD, dashboard],
  ] as const) {
    const { bin = {}, 'node-red': red } = manifestOf(at) as {
      bin?: Record<string, string>;
      'node-red': { nodes: Record<string, string> };
    };
    for (const file of [...Object.values(bin), ...Object.values(red.nodes)]) assert.ok(files.includes(file), file);
    for (const js of Object.values(red.nodes)) {
      const html = js.replace(/\.js$/, '.html');
      assert.ok(files.includes(html), html);
      for (const language of ['en-US', 'ja', 'zh-CN']) {
        const name = posix.basename(js, '.js');
        const texts = ['json', 'html'].map((end) => `${posix.dirname(js)}/locales/${language}/${name}.${end}`);
        for (const text of texts) assert.ok(files.includes(text), text);
      }
      const icon = /icon: '(?!font-awesome)([^']+)'/.exec(readFileSync(join(at, html), 'utf8'))?.[1];
      if (icon) assert.ok(files.includes(`${posix.dirname(js)}/icons/${icon}`), icon);
    }
    assert.equal(statSync(join(at, 'LICENSE')).isFile(), true);
  }
});

test('what the packed sources import is packed, too', () => {
  for (const [at, { files }] of [
    [MAIN, main],
    [DASHBOARD, dashboard],
  ] as const) {
    const own = manifestOf(at);
    const installed = new Set(Object.keys({ ...own.dependencies, ...own.peerDependencies }));
    for (const file of files.filter((each) => each.startsWith('dist/') && each.endsWith('.js'))) {
      const source = readFileSync(join(at, file), 'utf8');
      assert.doesNotMatch(source, /\/\/# sourceMappingURL=/, file);
      for (const [, from] of source.matchAll(/^(?:import|export) [^'"]*?from '([^']+)';$|^import '([^']+)';$/gm)) {
        if (!from || from.startsWith('node:')) continue;
        if (from.startsWith('.')) assert.ok(files.includes(posix.join(posix.dirname(file), from)), `${file}: ${from}`);
        else
          assert.ok(
            installed.has(
              from
                .split('/')
                .slice(0, from.startsWith('@') ? 2 : 1)
                .join('/'),
            ),
            `${file}: ${from}`,
          );
      }
    }
  }
});

test('the pictures that a packed document shows are packed, and no others', () => {
  const shown = new Set<string>();
  for (const file of main.files.filter((each) => each.endsWith('.md'))) {
    const text = readFileSync(join(MAIN, file), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)\s]+\.(?:png|webp|jpg|gif))\)/g)) {
      const picture = posix.join(posix.dirname(file), link!);
      // The gallery's clips are as large as all else together; its page says where they are, and its stills are packed.
      if (picture.startsWith('docs/gallery/')) assert.match(text, /stand in the repository only/, file);
      else shown.add(picture);
    }
  }
  const packed = main.files.filter((file) => file.startsWith('docs/images/'));
  assert.deepEqual([...shown].filter((picture) => !picture.startsWith('samples/')).sort(), packed.sort());
  const size = packed.reduce((sum, file) => sum + statSync(join(MAIN, file)).size, 0);
  assert.ok(size < 6 * MIB, `${size} bytes`);
});

test('the documents that a packed document links to are packed', () => {
  for (const file of main.files.filter((each) => each.endsWith('.md') && !each.startsWith('models/'))) {
    const text = readFileSync(join(MAIN, file), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g)) {
      if (/^https?:/.test(link!)) continue;
      const target = posix.join(posix.dirname(file), link!);
      if (target.startsWith('dashboard/')) continue;
      assert.ok(main.files.includes(target), `${file}: ${link}`);
    }
  }
});
