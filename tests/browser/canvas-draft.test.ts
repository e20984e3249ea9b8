/** What a form's settings would draw, shown in the form while they change, in a real browser. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { node, OTHER_PHOTO, session, sink } from '../runtime/support/flow.ts';
import type { FlowNode } from '../runtime/support/runtime.ts';
import { skip } from './browser.ts';
import { type Editor, inRow, openEditor } from './canvas-support.ts';

/** The editor's globals, as far as they are used here. */
declare const RED: { nodes: { node(id: string): object }; editor: { edit(node: object): void } };
declare const $: (selector: string) => { typedInput(what: string, value: string): void };

const FLOW: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'draft' },
  session(),
  ...inRow([
    node('image', 'manga-image', ['encoder']),
    node('encoder', 'manga-encoder', ['decoder'], { size: '512' }),
    node('decoder', 'manga-tcn-decoder', ['sink'], { size: '512', frames: '12' }),
    sink(),
  ]),
  ...inRow(
    [node('stylize', 'manga-stylize', [], { frames: '60', size: '640x320', seedType: 'msg', seed: 'seed' })],
    320,
  ),
];

let editor: Editor;
/** Drafts that the browser asked for at the same time, at most. */
let most = 0;
let answers: { status: number; type: string; picture: string }[] = [];

before(async () => {
  if (skip) return;
  editor = await openEditor(FLOW);
  let asking = 0;
  const isDraft = (url: string) => url.endsWith('/motion-manga/draft');
  editor.page.on('request', (request) => {
    if (isDraft(request.url())) most = Math.max(most, ++asking);
  });
  editor.page.on('response', async (response) => {
    if (!isDraft(response.url())) return;
    asking--;
    const headers = response.headers();
    const [type = '', picture = ''] = [headers['content-type'], headers['x-motion-manga-picture']];
    answers.push({ status: response.status(), type, picture });
  });
});
after(() => editor?.stop());

const image = () => editor.page.locator('.manga-draft img');
const said = () => editor.page.locator('.manga-draft-say');

async function open(id: string): Promise<void> {
  await editor.page.evaluate((node) => RED.editor.edit(RED.nodes.node(node)), id);
  await editor.page.locator('.manga-draft').waitFor();
}

async function close(): Promise<void> {
  await editor.page.locator('#node-dialog-cancel').click();
  await editor.page.locator('.red-ui-tray').waitFor({ state: 'detached' });
}

/** The picture's address, once it is another one than `before` and nothing is being drawn. */
async function drawn(before?: string | null): Promise<string> {
  await editor.page.waitForFunction((old) => {
    const shown = document.querySelector<HTMLImageElement>('.manga-draft img')!;
    const idle = !document.querySelector('.manga-draft-busy');
    return idle && shown.src && shown.src !== old && shown.complete && shown.naturalWidth > 0;
  }, before);
  return (await image().getAttribute('src'))!;
}

const bytesOf = (src: string): Promise<number[]> =>
  editor.page.evaluate(async (href) => [...new Uint8Array(await (await fetch(href)).arrayBuffer())], src);

const set = (name: string, value: string): Promise<void> =>
  editor.page.evaluate(([field, text]) => $(`#node-input-${field}`).typedInput('value', text!), [name, value]);

test('a sample is drawn when the form opens, anew when a setting changes, and moving on the button', {
  skip,
}, async () => {
  await open('decoder');
  const first = await drawn();
  assert.match((await said().textContent())!, /sample photo/);
  assert.equal(Math.max(...(await image().evaluate((i: HTMLImageElement) => [i.naturalWidth, i.naturalHeight]))), 384);
  const before = await bytesOf(first);
  await set('ink', 'sepia');
  const second = await drawn(first);
  assert.notDeepEqual(await bytesOf(second), before);
  await editor.shoot('draft');
  await editor.page.locator('.manga-draft-play').click();
  const third = await drawn(second);
  assert.equal(
    Buffer.from(await bytesOf(third))
      .toString('latin1')
      .indexOf('ANMF') > 0,
    true,
    'an animated WebP',
  );
  assert.deepEqual(
    answers.map(({ status, type }) => [status, type.split(';')[0]]),
    [
      [200, 'image/png'],
      [200, 'image/png'],
      [200, 'image/webp'],
    ],
  );
});

test('of many changes one at a time is drawn, and the last one in the end', { skip }, async () => {
  answers = [];
  const before = await image().getAttribute('src');
  for (const value of ['0.4', '0.6', '0.8', '1.2', '1.6', '2']) {
    await editor.page.locator('#node-input-lineWeight').fill(value);
  }
  await drawn(before);
  await editor.page.waitForFunction(() => !document.querySelector('.manga-draft-busy'));
  assert.equal(most, 1, 'never two at once');
  assert.ok(answers.length < 6, `${answers.length} drafts for 6 changes`);
});

test('a wrong setting is told beside its field, and the picture stays', { skip }, async () => {
  const before = await image().getAttribute('src');
  await editor.page.locator('#node-input-fps').fill('500');
  const told = editor.page.locator('.form-row:has(#node-input-fps) .manga-draft-error');
  await told.waitFor();
  await told.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  assert.match((await told.textContent())!, /60/);
  assert.match((await said().textContent())!, /wrong/);
  assert.equal(await image().getAttribute('src'), before);
  await editor.shoot('draft wrong');
  await editor.page.locator('#node-input-fps').fill('20');
  await told.waitFor({ state: 'detached' });
  await close();
});

test('once a picture went through the node, that one is drawn; what only a message tells is named', {
  skip,
}, async () => {
  answers = [];
  editor.runtime.send('image', { payload: OTHER_PHOTO });
  await editor.runtime.message('sink');
  await editor.page.locator('[id="decoder"] .motion-manga-layers-button').waitFor();
  await editor.page.evaluate(() => document.documentElement.classList.add('nr-theme-dark'));
  await open('decoder');
  await drawn();
  assert.equal(answers.at(-1)?.picture, 'last');
  await editor.shoot('draft dark');
  await close();
  await editor.page.evaluate(() => document.documentElement.classList.remove('nr-theme-dark'));
  await open('stylize');
  await drawn();
  assert.match((await said().textContent())!, /Seed/);
  assert.deepEqual(await image().evaluate((i: HTMLImageElement) => [i.naturalWidth, i.naturalHeight]), [384, 192]);
  await close();
});

test('without a deployed session the form says so', { skip }, async () => {
  await editor.runtime.deploy(FLOW.filter(({ id }) => id === 'tab'));
  const answer = await fetch(`${editor.runtime.url}/motion-manga/draft`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session: 'session', node: 'decoder', settings: {} }),
  });
  assert.equal(answer.status, 404);
  await open('decoder');
  await editor.page.waitForFunction(() => /Deploy/.test(document.querySelector('.manga-draft-say')!.textContent!));
  assert.equal(await image().isVisible(), false);
});

test('no error in the console but refused drafts', { skip }, () =>
  assert.deepEqual(
    editor.errors.filter((line) => !/status of (400|404).*motion-manga\/draft/.test(line)),
    [],
  ),
);
