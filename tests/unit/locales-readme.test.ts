/** README.zh-CN.md and README.ja.md tell what README.md tells: same sections, commands, pictures and links. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8');
const FILES = ['README.md', 'README.zh-CN.md', 'README.ja.md'];

const commands = (text: string): string[] =>
  [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!.split('\n').map((line) => line.replace(/\s+#.*/, '')),
  );
/** Without those between the READMEs and to the help of a language. */
const links = (text: string): string[] => {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return [...new Set(targets)].filter((target) => !/^(README|docs\/nodes\/)/.test(target)).sort();
};
const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

test('the translated READMEs have the commands, links, sections and points of the English one', () => {
  const english = read('README.md');
  for (const file of FILES.slice(1)) {
    const text = read(file);
    assert.deepEqual(commands(text), commands(english), file);
    assert.deepEqual(links(text), links(english), file);
    assert.equal(count(text, /^- /gm), count(english, /^- /gm), `${file}: points`);
    assert.equal(count(text, /^## /gm), count(english, /^## /gm), `${file}: sections`);
  }
});

test('each README leads to the two others', () => {
  for (const file of FILES) {
    const head = read(file).split('\n').slice(0, 5).join('\n');
    for (const other of FILES.filter((each) => each !== file))
      assert.ok(head.includes(`](${other})`), `${file}: ${other}`);
  }
});
