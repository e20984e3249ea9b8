/** Every help page is there in every language, and names the same values and properties (its shape: docs-help.test.ts). */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';

const PAGES = join(import.meta.dirname, '..', '..', 'docs', 'nodes');

const codeOf = (page: string): string[] =>
  [...page.matchAll(/`([^`]+)`/g)].map(([, code]) => code!.replace(/\s+/g, ' '));

test('each page is there in every language, with all that is code', () => {
  const pages = globSync('*.md', { cwd: PAGES }).filter((file) => basename(file) !== 'README.md');
  assert.ok(pages.length >= 18);
  for (const file of pages) {
    const english = readFileSync(join(PAGES, file), 'utf8');
    for (const language of ['zh-CN', 'ja']) {
      const page = readFileSync(join(PAGES, language, file), 'utf8');
      const code = new Set(codeOf(page));
      for (const each of codeOf(english)) assert.ok(code.has(each), `${language}/${file}: ${each}`);
      assert.match(page, language === 'ja' ? /\p{sc=Hiragana}/u : /\p{sc=Han}/u, `${language}/${file}`);
    }
  }
});
