/** The nodes speak every language completely: same keys, same placeholders, nothing left English by accident. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const LANGUAGES = ['zh-CN', 'ja'] as const;

/** Same in every language: names, formats, what users type. */
const SAME = new Set(['ffmpeg', 'GIF', 'Manga109', 'MP4（H.264）']);
/** How an error is put together is for each language to say (nodes/localized-error.ts). */
const FORMS = ['error.status', 'error.text'];

type Texts = ReadonlyMap<string, string>;

function textsOf(file: string): Texts {
  const texts = new Map<string, string>();
  const walk = (at: object, path: string): void => {
    for (const [key, value] of Object.entries(at)) {
      if (typeof value === 'object') walk(value, `${path}${key}.`);
      else texts.set(path + key, value);
    }
  };
  walk(JSON.parse(readFileSync(join(ROOT, file), 'utf8')), '');
  return texts;
}

const placeholders = (text: string): string[] => [...text.matchAll(/__(\w+?)__/g)].map(([, name]) => name!).sort();

const catalogs = globSync('nodes/**/locales/en-US/*.json', { cwd: ROOT }).map((file) => {
  const folder = join(dirname(file), '..', '..');
  const of = (language: string): Texts => textsOf(join(folder, 'locales', language, basename(file)));
  return { folder, english: of('en-US'), of };
});

test('each catalog has every text in every language, with the same values in it', () => {
  assert.ok(catalogs.length >= 18);
  for (const { folder, english, of } of catalogs) {
    for (const language of LANGUAGES) {
      const texts = of(language);
      assert.deepEqual([...texts.keys()].sort(), [...english.keys()].sort(), `${folder} ${language}`);
      for (const [key, text] of texts) {
        assert.ok(text.trim().length > 0, `${folder} ${language} ${key}`);
        if (FORMS.includes(key)) continue;
        assert.deepEqual(placeholders(text), placeholders(english.get(key)!), `${folder} ${language} ${key}`);
      }
    }
  }
});

test('no text is left English by accident', () => {
  for (const { folder, english, of } of catalogs) {
    for (const language of LANGUAGES) {
      for (const [key, text] of of(language)) {
        if (SAME.has(text) || FORMS.includes(key)) continue;
        assert.notEqual(text, english.get(key), `${folder} ${language} ${key}`);
        const script = language === 'ja' ? /[\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Han}]|^\d/u : /\p{sc=Han}/u;
        assert.match(text, script, `${folder} ${language} ${key}`);
      }
    }
  }
});

test('every error code has its heading and its hint, and no other has', () => {
  const source = readFileSync(join(ROOT, 'lib/errors/manga-error.ts'), 'utf8');
  const union = /export type MangaErrorCode =([\s\S]*?);/.exec(source)![1]!;
  const codes = [...union.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code!).sort();
  assert.ok(codes.length >= 15);
  const { english } = catalogs.find(({ folder }) => basename(folder) === 'session')!;
  for (const part of ['error.heading.', 'error.hint.']) {
    const known = [...english.keys()].filter((key) => key.startsWith(part)).map((key) => key.slice(part.length));
    assert.deepEqual(known.sort(), codes, part);
  }
});

test('every text that the code of a node names is in its catalog', () => {
  for (const { folder, english } of catalogs) {
    const files = globSync('*.{ts,html}', { cwd: join(ROOT, folder) });
    for (const file of files) {
      const code = readFileSync(join(ROOT, folder, file), 'utf8');
      for (const [, key] of code.matchAll(/\b_\('([\w.-]+)'/g))
        assert.ok(english.has(key!), `${folder}/${file}: ${key}`);
    }
  }
});

/** Of a form's label, in full-width characters: what stands beside the icon in 125 px on one line. */
const LABEL_WIDTH = 7.5;
const widthOf = (text: string): number => [...text].reduce((sum, letter) => sum + (letter < '\u2e80' ? 0.56 : 1), 0);

test('labels of forms stay on one line', () => {
  for (const { folder, of } of catalogs) {
    const form = `${basename(folder)}.html`;
    const html = readFileSync(join(ROOT, folder, form), 'utf8');
    const common =
      basename(folder) === 'tcn-decoder'
        ? globSync('nodes/common/{clip-form,{effects,drawing}-rows}.html', { cwd: ROOT })
            .map((file) => readFileSync(join(ROOT, file), 'utf8'))
            .join('')
        : '';
    const labels = (html + common).matchAll(/<label [^>]*><i [^>]*><\/i> <span data-i18n="(?:@[^"]*?:)?([\w.-]+)">/g);
    const keys = [...labels].map(([, key]) => key!);
    for (const language of LANGUAGES) {
      const texts = of(language);
      for (const key of keys) {
        const text = texts.get(key) ?? '';
        assert.ok(widthOf(text) <= LABEL_WIDTH, `${folder} ${language} ${key}: ${text}`);
      }
    }
  }
});
