/** The widgets speak every language completely, and the package holds what Dashboard and Node-RED look for. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';
import { choose, TEXTS } from '../../dashboard/ui/locale/texts.ts';
import { helpPage } from '../../scripts/build-help.ts';

const HOME = join(import.meta.dirname, '..', '..', 'dashboard');
const LANGUAGES = ['en-US', 'zh-CN', 'ja'] as const;
const read = (path: string): string => readFileSync(join(HOME, path), 'utf8');

const values = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('each language has every text, with the same values in it', () => {
  const keys = Object.keys(TEXTS['en-US']).sort();
  for (const language of LANGUAGES) {
    assert.deepEqual(Object.keys(TEXTS[language]).sort(), keys, language);
    for (const [key, text] of Object.entries(TEXTS[language])) {
      assert.ok(text.trim().length > 0, `${language} ${key}`);
      const english = TEXTS['en-US'][key as keyof (typeof TEXTS)['en-US']];
      assert.deepEqual(values(text), values(english), `${language} ${key}`);
    }
  }
});

test('each text is used, and each that is used is there', () => {
  const code = globSync('ui/**/*.{vue,ts}', { cwd: HOME })
    .filter((file) => dirname(file) !== join('ui', 'locale'))
    .map(read)
    .join('\n');
  const prefixes = [...code.matchAll(/t\(`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix!);
  // Of every error code, motion and ink there is one: a test below.
  const plain = Object.keys(TEXTS['en-US']).filter((key) => !/^(fault|hint|motion|ink)\./.test(key));
  for (const key of plain) {
    assert.ok(code.includes(`'${key}'`) || prefixes.some((prefix) => key.startsWith(prefix)), `${key} is not used`);
  }
  for (const [, key] of code.matchAll(/\bt\('([\w.-]+)'/g)) assert.ok(key! in TEXTS['en-US'], key);
});

test("the browser's language is chosen, English where none is known", () => {
  assert.equal(choose(['de-DE', 'ja-JP', 'en']), 'ja');
  assert.equal(choose(['zh-Hans-CN']), 'zh-CN');
  assert.equal(choose(['en-GB', 'ja']), 'en-US');
  assert.equal(choose(['fr']), 'en-US');
  assert.equal(choose([]), 'en-US');
});

test("forms and help of the editor are in every language, with the same catalog's keys", () => {
  for (const html of globSync('nodes/*/*.html', { cwd: HOME })) {
    const name = basename(html, '.html');
    const catalog = (language: string) =>
      JSON.parse(read(join(dirname(html), 'locales', language, `${name}.json`))) as Record<string, object>;
    const keysOf = (tree: Record<string, object>) =>
      Object.entries(tree).flatMap(([part, texts]) => Object.keys(texts).map((key) => `${part}.${key}`));
    const known = keysOf(catalog('en-US'));
    for (const language of LANGUAGES) {
      assert.deepEqual(keysOf(catalog(language)), known);
      assert.ok(existsSync(join(HOME, '..', helpPage(`ui-manga-${name}`, language))), `${name} ${language}: help`);
    }
    const form = read(html);
    const used = [...form.matchAll(/data-i18n="(?:\[\w+\])?([^":]+)"/g), ...form.matchAll(/this\._\('([\w.-]+)'/g)];
    for (const [, key] of used) assert.ok(known.includes(key!), `${html}: ${key}`);
  }
});

test('package.json names what the build makes', { skip: !existsSync(join(HOME, 'resources')) && 'not built' }, () => {
  const manifest = JSON.parse(read('package.json')) as {
    name: string;
    files: string[];
    keywords: string[];
    'node-red': { nodes: Record<string, string> };
    'node-red-dashboard-2': { widgets: Record<string, { output: string; component: string }> };
  };
  // Dashboard 2 finds widgets by this part of a package's name.
  assert.ok(manifest.name.includes('node-red-dashboard-2-'));
  assert.ok(manifest.keywords.includes('node-red'));
  const { nodes } = manifest['node-red'];
  const { widgets } = manifest['node-red-dashboard-2'];
  assert.deepEqual(Object.keys(nodes).sort(), Object.keys(widgets).sort());
  for (const [type, file] of Object.entries(nodes)) {
    assert.ok(read(file).includes(`registerType('${type}'`), file);
    assert.ok(existsSync(join(HOME, file.replace(/\.js$/, '.html'))), file);
    const { output, component } = widgets[type]!;
    const bundle = read(join('resources', output));
    // The global and the export that Dashboard looks for.
    assert.ok(bundle.includes(`\`${type}\``) || bundle.includes(`"${type}"`), output);
    assert.ok(bundle.includes(component), output);
  }
  assert.match(read('resources/ui-manga-monitor.umd.js'), /Contains uPlot[\s\S]*MIT/);
});

test('failures are headed and remedied as in the nodes, motions and inks are called as there, in each language', () => {
  for (const language of LANGUAGES) {
    const catalog = (node: string) =>
      JSON.parse(read(`../nodes/${node}/locales/${language}/${node}.json`)) as Record<string, Record<string, string>>;
    const { heading, hint } = catalog('session').error as unknown as Record<string, Record<string, string>>;
    const { motion, ink } = catalog('tcn-decoder');
    for (const [prefix, texts] of Object.entries({ fault: heading, hint, motion, ink })) {
      const ours = Object.entries(TEXTS[language]).filter(([key]) => key.startsWith(`${prefix}.`));
      const named = ours.map(([key, text]) => [key.slice(prefix.length + 1), text]);
      assert.deepEqual(Object.fromEntries(named), texts, `${language} ${prefix}`);
    }
  }
});
