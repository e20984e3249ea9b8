import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';
import { packageRoot } from '../../lib/checkpoint/shipped.ts';
import { helpMarkdown, helpPage, helpScript, LANGUAGES } from '../../scripts/build-help.ts';

/** Node types of both packages, and the path of each node's program from the root, without `dist`. */
const nodes = ['.', 'dashboard'].flatMap((home) => {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), home, 'package.json'), 'utf8'));
  return Object.entries<string>(manifest['node-red'].nodes).map(
    ([type, js]) => [type, join(home, js.replace('dist/', ''))] as const,
  );
});
const types = nodes.map(([type]) => type);

test('title goes, sections fold, pictures go, lists of properties become property lists', () => {
  const help = helpMarkdown(
    [
      '# manga-x',
      '',
      'What it does: a thing.',
      '',
      '![A picture](../images/x.png)',
      '',
      '## Inputs',
      '',
      '- `payload` (string | buffer, optional): A path,',
      '  or `<bytes>`; see [manga-clip](clip.md).',
      '- **Size**: How *large*.',
      '',
      '## Details',
      '',
      'See [training](../training.md) and [the paper](https://example.org/a:b).',
      '',
    ].join('\n'),
  );
  assert.equal(
    help,
    [
      'What it does&#58; a thing.',
      '',
      '### Inputs',
      '',
      '',
      '<dl class="message-properties">',
      '<dt>payload <span class="property-type">string | buffer, optional</span></dt>',
      '<dd>A path, or <code>&lt;bytes></code>; see <a href="#manga-clip">manga-clip</a>.</dd>',
      '<dt>Size</dt>',
      '<dd>How <i>large</i>.</dd>',
      '</dl>',
      '',
      '### Details',
      '',
      'See training and [the paper](https://example.org/a:b).',
      '',
    ].join('\n'),
  );
});

test('numbered outputs keep their properties inside', () => {
  const help = helpMarkdown('1. First\n   - `payload` (string): A path.\n2. Second\n');
  assert.match(help, /^1\. First\n\n {3}<dl[^>]*>\n {3}<dt>.*\n {3}<dd>A path\.<\/dd>\n {3}<\/dl>\n2\. Second\n$/);
});

test('full-width colons and brackets mark properties too', () => {
  assert.match(
    helpMarkdown('- `payload`（字符串）：路径。'),
    /<dt>payload <span[^>]*>字符串<\/span><\/dt>\n<dd>路径。<\/dd>/,
  );
});

test('no page lacks its node, begins otherwise than with its type and a sentence, or ends the element it is put into', () => {
  const pages = new Map(
    types.flatMap((type) => LANGUAGES.map((language) => [helpPage(type, language), type] as const)),
  );
  const files = globSync('docs/nodes/**/*.md', { cwd: packageRoot() }).filter((file) => basename(file) !== 'README.md');
  assert.ok(files.length >= types.length);
  for (const file of files) {
    const type = pages.get(file);
    assert.ok(type, `${file} is the page of no node`);
    const page = readFileSync(join(packageRoot(), file), 'utf8');
    assert.match(page, new RegExp(`^# ${type}\\n\\n[^\\s#\`*-]`), file);
    assert.equal(helpScript(type, page).match(/<\/script>/g)!.length, 1, file);
  }
});

test('a translated page has the sections, properties and links of the English one', () => {
  /** Names that are the same in every language, in order. */
  const shape = (page: string): unknown => ({
    sections: page.match(/^## /gm)?.length,
    properties: [...page.matchAll(/^ *- (?:`([^`]+)`|\*\*)/gm)].map(([, name]) => name ?? 'setting'),
    lists: helpMarkdown(page).match(/<dt>/g)?.length,
    links: [...page.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, link]) => link).sort(),
  });
  let pages = 0;
  for (const type of types) {
    const english = readFileSync(join(packageRoot(), helpPage(type, 'en-US')), 'utf8');
    for (const language of LANGUAGES.slice(1)) {
      const file = join(packageRoot(), helpPage(type, language));
      if (!existsSync(file)) continue;
      assert.deepEqual(shape(readFileSync(file, 'utf8')), shape(english), `${type} ${language}`);
      pages += 1;
    }
  }
  assert.ok(pages > 0);
});

/** A form with the shared parts that the build puts into it. */
function formOf(file: string): string {
  const html = readFileSync(file, 'utf8');
  return html.replace(/<!-- include (\S+) -->/g, (_whole, part: string) => formOf(join(dirname(file), part)));
}

/** What a label is called in running text: without its explanation. */
const nameOf = (label: string): string => label.split(/[:：,，、(（]/)[0]!.trim();

/** The session's field stands in most forms; its own page is what explains it. */
const UNEXPLAINED = new Set(['label.session', 'common.label.name']);
/** Rows that several forms share are explained by the page of this node, which the others link to. */
const SHARED = 'manga-tcn-decoder';

test('every label of a form stands in the page of its node, in its language', () => {
  let labels = 0;
  for (const language of LANGUAGES) {
    const catalogOf = (type: string): object => {
      const js = nodes.find(([name]) => name === type)![1];
      const file = join(packageRoot(), dirname(js), 'locales', language, `${basename(js, '.js')}.json`);
      return JSON.parse(readFileSync(file, 'utf8')) as object;
    };
    const pageOf = (type: string): string =>
      readFileSync(join(packageRoot(), helpPage(type, language)), 'utf8')
        .replace(/\s+/g, ' ')
        .toLowerCase();
    for (const [type, js] of nodes) {
      const form = formOf(join(packageRoot(), js.replace(/\.js$/, '.html')));
      const page = pageOf(type);
      // What a page says of its settings stands in bold, in italics or in quotes.
      const named = [...page.matchAll(/\*\*([^*]+)\*\*|\*([^*]+)\*|“([^”]+)”|「([^」]+)」/g)].map((match) => match[0]);
      for (const [, from, key] of form.matchAll(
        /<label [^>]*>(?:<i [^>]*><\/i> )?<span data-i18n="(?:([^":]*):)?([\w.-]+)"/g,
      )) {
        if (UNEXPLAINED.has(key!)) continue;
        const owner = from?.split('/').at(-1) ?? type;
        const label = key!
          .split('.')
          .reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], catalogOf(owner));
        const name = nameOf(String(label)).toLowerCase();
        const shared = owner === SHARED && type !== SHARED && page.includes('](tcn-decoder.md)');
        assert.ok(
          named.some((text) => text.includes(name)) || (shared && pageOf(SHARED).includes(name)),
          `${helpPage(type, language)} does not explain ${label}`,
        );
        labels += 1;
      }
    }
  }
  assert.ok(labels > 400, `${labels} labels`);
});
