/** What the network made of the last picture, to look at, in a real browser. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { node, PHOTO, session, sink } from '../runtime/support/flow.ts';
import type { FlowNode } from '../runtime/support/runtime.ts';
import { skip } from './browser.ts';
import { type Editor, inRow, openEditor } from './canvas-support.ts';

const SIZE = { size: '256', frames: '4' };
const FLOW: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'layers' },
  session(),
  ...inRow([
    node('image', 'manga-image', ['encoder'], { thumbnail: false }),
    node('encoder', 'manga-encoder', ['decoder'], { size: '256', thumbnail: true }),
    node('decoder', 'manga-tcn-decoder', ['clip'], SIZE),
    node('clip', 'manga-clip', ['sink'], { folder: 'out', release: true }),
    sink(),
  ]),
  ...inRow([node('colour', 'manga-stylize', ['done'], { ...SIZE, model: 'webtoon' }), sink('done')], 320),
];

let editor: Editor;
before(async () => {
  if (!skip) editor = await openEditor(FLOW);
});
after(() => editor?.stop());

const view = () => editor.page.locator('.manga-layers');
const close = () => editor.page.locator('.manga-layers-dialog .ui-dialog-titlebar-close').click();

/** Waits until every picture is there. @returns their names, and how wide the pictures are */
async function figures(): Promise<Record<string, number>> {
  await editor.page.waitForFunction(() => {
    const images = [...document.querySelectorAll<HTMLImageElement>('.manga-layers figure img')];
    return images.length > 0 && images.every((image) => image.complete && image.naturalWidth > 0);
  });
  return view()
    .locator('figure')
    .evaluateAll((all) =>
      Object.fromEntries(all.map((each) => [each.getAttribute('data-name'), each.querySelector('img')!.naturalWidth])),
    );
}

test('before a picture went through, the view says so', { skip }, async () => {
  const answer = await fetch(`${editor.runtime.url}/motion-manga/layers/decoder`);
  assert.equal(answer.status, 404);
  assert.equal(((await answer.json()) as { code: string }).code, 'BAD_INPUT');
});

test('the button on the decoder opens its layers; depth and motion are explained; feature maps follow', {
  skip,
}, async () => {
  editor.runtime.send('image', { payload: PHOTO });
  await editor.runtime.message('sink');
  // The clip node has freed the picture: the view draws it once more.
  const button = editor.page.locator('[id="decoder"] .motion-manga-layers-button');
  await button.waitFor();
  await button.click();
  assert.deepEqual(Object.keys(await figures()), ['line', 'light', 'dark', 'black']);
  assert.equal(await editor.page.locator('.red-ui-tray').count(), 0, 'the form did not open');
  await editor.shoot('layers');

  const tab = (name: string) => view().getByRole('tab', { name });
  await tab('Depth and motion').click();
  const fields = await figures();
  assert.deepEqual(Object.keys(fields), ['disparity', 'flow-1', 'flow-2', 'flow-3', 'flow-4']);
  assert.match((await view().locator('figure[data-name="disparity"] figcaption').textContent())!, /far .*near/);
  assert.ok(await view().locator('.manga-wheel').isVisible());
  await editor.shoot('layers motion');
  await editor.page.evaluate(() => document.documentElement.classList.add('nr-theme-dark'));
  await editor.shoot('layers motion dark');

  await tab('Feature maps').click();
  const maps = await figures();
  assert.deepEqual(Object.keys(maps), ['half', 'quarter', 'eighth']);
  assert.ok(maps.half! > 600);
  await editor.shoot('layers features dark');
  await editor.page.evaluate(() => document.documentElement.classList.remove('nr-theme-dark'));
  await close();
  await view().waitFor({ state: 'detached' });
});

test('by keyboard, on the encoder: its feature maps first', { skip }, async () => {
  await editor.page.locator('[id="encoder"] .motion-manga-layers-button').press('Enter');
  assert.deepEqual(Object.keys(await figures()), ['half', 'quarter', 'eighth']);
  await close();
});

test('pictures are fetched by address and revalidated, and are gone when nobody looks', { skip }, async () => {
  const list = (await (await fetch(`${editor.runtime.url}/motion-manga/layers/decoder`)).json()) as {
    pictures: { name: string; url: string }[];
  };
  const url = `${editor.runtime.url}/${list.pictures[0]!.url}`;
  const first = await fetch(url);
  assert.equal(first.headers.get('content-type'), 'image/png');
  const again = await fetch(url, { headers: { 'if-none-match': first.headers.get('etag')! } });
  assert.equal(again.status, 304);
  const { arenas, handles } = await (
    editor.runtime.red.nodes.getNode('session') as unknown as {
      session: { stats(): Promise<{ arenas: number; handles: number }> };
    }
  ).session.stats();
  assert.deepEqual([arenas, handles], [0, 0], 'the session keeps nothing of it');
});

test('a drawing in colour has the layers of its medium; the form has a button, too', { skip }, async () => {
  editor.runtime.send('colour', { payload: PHOTO });
  await editor.runtime.message('done');
  await editor.page.evaluate(() => {
    const { RED } = window as never as {
      RED: { nodes: { node(id: string): object }; editor: { edit(n: object): void } };
    };
    RED.editor.edit(RED.nodes.node('colour'));
  });
  await editor.page.locator('.manga-look-inside').click();
  assert.deepEqual(Object.keys(await figures()), ['line', 'red', 'green', 'blue', 'flat']);
  await editor.shoot('layers colour');
  await close();
  await editor.page.locator('#node-dialog-cancel').click();
});

test('no error in the console', { skip }, () => assert.deepEqual(editor.errors, []));
