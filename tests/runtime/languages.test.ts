/** A Node-RED that speaks Japanese: statuses and errors of the nodes are in its language, with the English detail. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { NodeStatus } from '../../nodes/red.ts';
import { around, catcher, chain, node, PHOTO, session, sink } from './support/flow.ts';
import { ROOT, Runtime } from './support/runtime.ts';

const catalog = (name: string) => JSON.parse(readFileSync(join(ROOT, `nodes/${name}/locales/ja/${name}.json`), 'utf8'));
const { error: words } = catalog('session');

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start({ lang: 'ja' });
});
after(() => runtime.stop());

/** Resolves with the first text of the node that reads like this. */
function reads(id: string, words: RegExp): Promise<string> {
  return new Promise((resolve) => {
    runtime.red.events.on('node-status', (event: { id: string; status?: NodeStatus }) => {
      // A node that goes has no status any more.
      const text = event.status?.text ?? '';
      if (event.id === id && words.test(text)) resolve(text);
    });
  });
}

/** Resolves when the node has shown each of the texts. */
function shown(id: string, texts: readonly string[]): Promise<void> {
  const missing = new Set(texts);
  return new Promise((resolve) => {
    runtime.red.events.on('node-status', (event: { id: string; status: NodeStatus }) => {
      if (event.id === id && missing.delete(event.status.text ?? '') && missing.size === 0) resolve();
    });
  });
}

test('a picture that does not exist: heading and hint are Japanese, the detail is English and whole', async () => {
  await runtime.deploy(chain());
  const name = '__heading__ $t(x) $& 写真.jpg';
  const status = shown('image', [catalog('image').status.busy, words.heading.IO]);
  runtime.send('image', { payload: join(runtime.userDir, name) });
  const { error } = await runtime.message('catch');
  assert.equal(error?.code, 'IO');
  const [first, ...rest] = error.message.replace(/^\w*Error: /, '').split('\n');
  assert.equal(first, `${words.heading.IO}（IO）。${words.hint.IO}`);
  assert.ok(rest.join('\n').includes(name), rest.join('\n'));
  assert.equal((error.cause as { detail?: string }).detail, rest.join('\n'));
  await status;
});

test('what a preview shows and what a clip measures are said in Japanese', { timeout: 60_000 }, async () => {
  await runtime.deploy(
    around(
      node('image', 'manga-image', ['preview']),
      node('preview', 'manga-preview'),
      node('stylize', 'manga-stylize', ['metrics']),
      node('metrics', 'manga-metrics', ['sink']),
    ),
  );
  const preview = reads('preview', /×/);
  const metrics = reads('metrics', /E_warp/);
  for (const id of ['image', 'stylize']) runtime.send(id, { payload: PHOTO });
  assert.ok((await preview).startsWith(`${catalog('preview').kind.image} `), await preview);
  assert.match(await metrics, /^E_warp [\d.]+、コントラスト [\d.]+(?: · [\d.]+ 秒)?$/);
  // Taken, or the next test would find it.
  await runtime.message('sink');
});

test('a hot folder says it in Japanese once, and keeps its records in English', async () => {
  mkdirSync(join(runtime.userDir, 'in'));
  await runtime.deploy([
    { id: 'tab', type: 'tab' },
    session(),
    node('hot', 'manga-hot-folder', ['image'], { inbox: 'in', settle: '0.1' }),
    node('image', 'manga-image', [], { source: 'none such.jpg', sourceType: 'str' }),
    sink(),
    catcher(['hot', 'sink']),
  ]);
  copyFileSync(PHOTO, join(runtime.userDir, 'in', 'photo.jpg'));
  const { error } = await runtime.message('sink');
  assert.equal(error?.message.split(words.heading.IO).length, 2, error?.message);
  await runtime.completed('hot');
  const report = JSON.parse(readFileSync(join(runtime.userDir, 'in', 'failed', 'photo.jpg.error.json'), 'utf8'));
  assert.equal(report.code, 'IO');
  assert.match(report.cause, /^[\x20-\x7e]*none such\.jpg[\x20-\x7e]*$/);
});
