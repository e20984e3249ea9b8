/** The last picture under a node of the canvas, in a real browser. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { node, PHOTO, session, sink } from '../runtime/support/flow.ts';
import type { FlowNode } from '../runtime/support/runtime.ts';
import { skip } from './browser.ts';
import { type Editor, inRow, openEditor } from './canvas-support.ts';

/** The editor's global, as far as it is used here. */
declare const RED: {
  nodes: {
    node(id: string): { x: number; y: number; dirty: boolean; thumbnail?: boolean };
    createExportableNodeSet(nodes: unknown[]): object[];
  };
  workspaces: { show(id: string): void };
  view: { redraw(): void; select(what: object): void };
  actions: { invoke(name: string): void };
};

const TABS: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'pictures' },
  { id: 'other', type: 'tab', label: 'other' },
];
const SIZE = { size: '256', frames: '4' };
const FLOW: FlowNode[] = [
  ...TABS,
  session(),
  ...inRow([
    node('image', 'manga-image', ['encoder']),
    node('encoder', 'manga-encoder', ['decoder'], { size: '256', thumbnail: true }),
    node('decoder', 'manga-tcn-decoder', ['preview'], SIZE),
    node('preview', 'manga-preview', ['clip'], { width: '140', frame: '3' }),
    node('clip', 'manga-clip', ['stylize'], { folder: 'out', thumbnail: true, release: true }),
  ]),
  ...inRow([node('stylize', 'manga-stylize', ['sink'], { ...SIZE, source: 'photo', thumbnail: true }), sink()], 320),
];

let editor: Editor;
before(async () => {
  if (!skip) editor = await openEditor(FLOW);
});
after(() => editor?.stop());

const picture = (id: string) => editor.page.locator(`[id="${id}"] image.motion-manga-thumbnail`);
const number = async (id: string, attribute: string) => Number(await picture(id).getAttribute(attribute));

/** Sends a photo through the flow. */
async function send(): Promise<void> {
  editor.runtime.send('image', { payload: PHOTO, photo: PHOTO });
  await editor.runtime.message('sink');
}

test('every node that is to show its last picture does, below its body, in the shape of the picture', {
  skip,
}, async () => {
  await send();
  for (const id of ['image', 'encoder', 'decoder', 'preview', 'clip', 'stylize']) {
    await picture(id).waitFor();
    const [width, height] = [await number(id, 'width'), await number(id, 'height')];
    assert.equal(width, id === 'preview' ? 140 : 120, id);
    assert.ok(Math.abs(height / width - 4 / 5) < 0.05, `${id}: ${width} by ${height}`);
    assert.match((await picture(id).getAttribute('href'))!, /^blob:/);
    const drawn = await picture(id).evaluate(async (image) => {
      const bitmap = await createImageBitmap(await (await fetch(image.getAttribute('href')!)).blob());
      return bitmap.width;
    });
    assert.ok(drawn > 64 && drawn <= 256, `${id}: ${drawn} pixels`);
  }
  await editor.shoot('canvas');
  await editor.page.evaluate(() => document.documentElement.classList.add('nr-theme-dark'));
  await editor.shoot('canvas dark');
  await editor.page.evaluate(() => document.documentElement.classList.remove('nr-theme-dark'));
});

test('a picture goes with its node: dragged, zoomed, on another tab and back', { skip }, async () => {
  const { page } = editor;
  const box = async (of: string) => (await page.locator(of).first().boundingBox())!;
  const offset = async () => {
    const [body, image] = [await box('[id="image"] .red-ui-flow-node'), (await picture('image').boundingBox())!];
    return { x: image.x - body.x, y: image.y - body.y, moved: body.y };
  };
  const before = await offset();
  const body = await box('[id="image"] .red-ui-flow-node');
  await page.mouse.move(body.x + 60, body.y + 15);
  await page.mouse.down();
  await page.mouse.move(body.x + 60, body.y + 75, { steps: 5 });
  await page.mouse.up();
  const dragged = await offset();
  assert.ok(dragged.moved > before.moved + 30, 'the node moved');
  assert.ok(Math.abs(dragged.x - before.x) < 2 && Math.abs(dragged.y - before.y) < 2, 'the picture with it');
  // On the picture itself a drag draws a lasso, as on the bare canvas: it takes no clicks.
  assert.equal(await picture('image').evaluate((image) => getComputedStyle(image).pointerEvents), 'none');

  const { width } = (await picture('image').boundingBox())!;
  await page.evaluate(() => RED.actions.invoke('core:zoom-out'));
  await page.waitForFunction(
    (w) => document.querySelector('[id="image"] image.motion-manga-thumbnail')!.getBoundingClientRect().width < w - 5,
    width,
  );
  await page.evaluate(() => RED.actions.invoke('core:zoom-reset'));

  await page.evaluate(() => RED.workspaces.show('other'));
  await picture('image').waitFor({ state: 'detached' });
  await page.evaluate(() => RED.workspaces.show('tab'));
  await picture('image').waitFor();
});

test('a newer picture replaces the one that is shown, and a page that is opened later shows it, too', {
  skip,
}, async () => {
  const first = (await picture('image').getAttribute('href'))!;
  editor.runtime.send('image', { payload: 'other.jpg' });
  const other = await fetch(`${editor.runtime.url}/motion-manga/thumbnail/image`);
  editor.runtime.send('image', {
    payload: { data: Buffer.alloc(64 * 64 * 3, 200), width: 64, height: 64, channels: 3 },
    photo: PHOTO,
  });
  await editor.page.waitForFunction(
    (href) => document.querySelector('[id="image"] image.motion-manga-thumbnail')!.getAttribute('href') !== href,
    first,
  );
  assert.equal(await number('image', 'height'), 120, 'the shape of the new one');
  const later = await fetch(`${editor.runtime.url}/motion-manga/thumbnail/image`);
  assert.notEqual(later.headers.get('etag'), other.headers.get('etag'));
  const again = await editor.page.context().newPage();
  await again.goto(editor.runtime.url);
  await again.locator('[id="image"] image.motion-manga-thumbnail').waitFor();
  await again.close();
  await editor.runtime.message('sink');
});

test('what is exported knows nothing of pictures', { skip }, async () => {
  const [exported] = await editor.page.evaluate(() =>
    RED.nodes
      .createExportableNodeSet([RED.nodes.node('image')])
      .map((each) => Object.keys(JSON.parse(JSON.stringify(each)))),
  );
  assert.deepEqual(
    exported?.sort(),
    ['id', 'name', 'session', 'source', 'sourceType', 'thumbnail', 'type', 'wires', 'x', 'y', 'z'].sort(),
  );
});

test('a deployment keeps pictures; switched off or deleted, they go, here and on the server', { skip }, async () => {
  const status = async (id: string) =>
    (await fetch(`${editor.runtime.url}/motion-manga/thumbnail/${id}`, { method: 'GET' })).status;
  await editor.runtime.deploy(FLOW.map((each) => (each.id === 'image' ? { ...each, name: 'photo' } : each)));
  assert.equal(await status('image'), 200);
  const changed = FLOW.filter(({ id }) => id !== 'preview').map((each) =>
    each.id === 'encoder' ? { ...each, thumbnail: false } : each,
  );
  await editor.runtime.deploy(changed, 'nodes');
  assert.deepEqual([await status('encoder'), await status('preview'), await status('image')], [404, 404, 200]);
  await picture('encoder').waitFor({ state: 'detached' });
  await editor.page.evaluate(() => {
    RED.view.select({ nodes: [RED.nodes.node('decoder')] });
    RED.actions.invoke('core:delete-selection');
  });
  await picture('decoder').waitFor({ state: 'detached' });
});

test('no error in the console', { skip }, () => assert.deepEqual(editor.errors, []));
