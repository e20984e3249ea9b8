/** The help pages of every language have the same parts: sections, properties, code and links. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';

const PAGES = join(import.meta.dirname, '..', '..', 'docs', 'nodes');

const all = (page: string, pattern: RegExp): string[] => [...page.matchAll(pattern)].map(([, found]) => found!);

test('each page is there in every language, with the same parts', () => {
  const pages = globSync('*.md', { cwd: PAGES }).filter((file) => basename(file) !== 'README.md');
  assert.ok(pages.length >= 18);
  for (const file of pages) {
    const english = readFileSync(join(PAGES, file), 'utf8');
    for (const language of ['zh-CN', 'ja']) {
      const page = readFileSync(join(PAGES, language, file), 'utf8');
      const at = `${language}/${file}`;
      assert.equal(all(page, /^## (.*)/gm).length, all(english, /^## (.*)/gm).length, `${at}: sections`);
      const properties = /^ *- `([^`]+)` *[(（]/gm;
      assert.deepEqual(all(page, properties), all(english, properties), `${at}: properties`);
      assert.equal(all(page, /^ *- \*\*(.*?)\*\*/gm).length, all(english, /^ *- \*\*(.*?)\*\*/gm).length, at);
      const links = /\]\(([^)]+)\)/g;
      assert.deepEqual(all(page, links).sort(), all(english, links).sort(), `${at}: links`);
      const code = new Set(all(page, /`([^`]+)`/g));
      for (const each of all(english, /`([^`]+)`/g)) assert.ok(code.has(each.replace(/\s+/g, ' ')), `${at}: ${each}`);
      assert.match(page, language === 'ja' ? /\p{sc=Hiragana}/u : /\p{sc=Han}/u, at);
    }
  }
});
