import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import test from 'node:test';
import vm from 'node:vm';
import { anchorsOf, codeBlocks, DOCUMENTS, proseOf, ROOT, textOf } from './docs-support.ts';

test('every link and picture of the documents leads to a file, and to a heading in it', () => {
  let links = 0;
  for (const file of DOCUMENTS) {
    for (const [, target] of proseOf(file).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)) {
      const link = target ?? '';
      if (link === '' || /^(https?|redis):/.test(link)) continue;
      const [path, anchor] = link.split('#') as [string, string?];
      const at = path === '' ? file : normalize(join(dirname(file), decodeURI(path)));
      assert.ok(existsSync(join(ROOT, at)), `${file}: ${link}`);
      if (anchor) assert.ok(anchorsOf(at).has(decodeURI(anchor)), `${file}: ${link}`);
      links += 1;
    }
  }
  assert.ok(links > 100, `${links} links`);
});

test('the index of the documents names each of them, and each node', () => {
  const index = textOf('docs/README.md');
  for (const file of globSync(['*.md', 'nodes/*.md'], { cwd: join(ROOT, 'docs') })) {
    if (file !== 'README.md') assert.ok(index.includes(`(${file})`), file);
  }
});

test('troubleshooting has a section for each error code, and for no other', () => {
  const source = readFileSync(join(ROOT, 'lib/errors/manga-error.ts'), 'utf8');
  const union = /export type MangaErrorCode =([\s\S]*?);/.exec(source)![1]!;
  const codes = [...union.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code!);
  const sections = [...textOf('docs/troubleshooting.md').matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code!);
  assert.ok(codes.length >= 15);
  assert.deepEqual(sections, codes);
});

test('troubleshooting leads from what stands under a node to its section, in each language', () => {
  const rows = textOf('docs/troubleshooting.md')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  for (const [index, language] of ['en-US', 'zh-CN', 'ja'].entries()) {
    const { error } = JSON.parse(textOf(`nodes/session/locales/${language}/session.json`)) as {
      error: { heading: Record<string, string> };
    };
    for (const [code, heading] of Object.entries(error.heading)) {
      const row = rows.find((cells) => cells[4] === `[${code}](#${code.toLowerCase()})`);
      assert.equal(row?.[1 + index], heading, `${language} ${code}`);
    }
  }
});

test('the messages that troubleshooting explains are in the code', () => {
  const files = globSync('{lib,nodes,cli}/**/*.ts', { cwd: ROOT });
  const code = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  const messages = [...textOf('docs/troubleshooting.md').matchAll(/^(?:\| )?`([^`]*(?:…|\.)[^`]*)`/gm)].map(
    ([, message]) => message!,
  );
  assert.ok(messages.length > 25, `${messages.length} messages`);
  for (const message of messages) {
    for (const part of message.split('…').map((text) => text.replace(/^[^A-Za-z]+|[^A-Za-z]+$/g, ''))) {
      if (part.length > 3) assert.ok(code.replaceAll("\\'", "'").includes(part), `${message}: '${part}'`);
    }
  }
});

test('the guide to the examples names those that there are', () => {
  const guide = textOf('docs/getting-started.md');
  const flows = globSync('flows/*.json', { cwd: ROOT }).map((file) => basename(file, '.json'));
  for (const name of flows.filter((flow) => /^\d/.test(flow))) assert.ok(guide.includes(`| ${name} |`), name);
  const numbered = [...guide.matchAll(/^\| (\d\d) /gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbered,
    flows.map((_flow, index) => index + 1),
  );
});

test('JavaScript in the documents can be read by Node', () => {
  const blocks = DOCUMENTS.flatMap(codeBlocks).filter(({ language }) => language === 'js');
  assert.ok(blocks.length > 0);
  for (const { file, line, lines } of blocks) {
    assert.doesNotThrow(() => new vm.Script(lines.join('\n')), `${file}:${line}`);
  }
});
