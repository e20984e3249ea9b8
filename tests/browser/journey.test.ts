/**
 * What a newcomer does, by mouse, in a real Chromium against a real Node-RED: drags blocks, wires them, deploys, drops a
 * photo and sees its clip; then imports the training example, watches the curves, pauses, comes back, resumes.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { PHOTO } from '../runtime/support/flow.ts';
import { openBrowser, skip } from './browser.ts';
import { DashboardRuntime, whatStays } from './dashboard-support.ts';
import { Editor } from './editor-mouse.ts';

/** Dashboard makes it when the first widget is dropped. */
const PAGE = '/dashboard/page1';

let runtime: DashboardRuntime;
let browser: Browser;
let editor: Editor;
let dashboard: Page;
const errors: string[] = [];

before(async () => {
  if (skip) return;
  runtime = await DashboardRuntime.start();
  browser = await openBrowser();
  editor = await Editor.open(browser, runtime.url, errors);
});
after(async () => {
  await browser?.close();
  await runtime?.close();
});

test('blocks are dragged, wired and deployed; a photo is dropped; its clip plays in the gallery', {
  skip,
}, async () => {
  const folder = await editor.drop('manga-hot-folder', { x: 380, y: 220 });
  const image = await editor.drop('manga-image', { x: 560, y: 220 });
  const encoder = await editor.drop('manga-encoder', { x: 740, y: 220 });
  const decoder = await editor.drop('manga-tcn-decoder', { x: 940, y: 220 });
  const clip = await editor.drop('manga-clip', { x: 1140, y: 220 });
  const gallery = await editor.drop('ui-manga-gallery', { x: 1260, y: 340 });
  const row = [folder, image, encoder, decoder, clip, gallery];
  for (const [index, node] of row.slice(1).entries()) await editor.wire(row[index]!, node);
  // Tells the hot folder that the clip is written.
  await editor.wire(clip, folder);
  const drawing = [image, encoder, decoder, clip];
  assert.deepEqual(
    await editor.invalid(),
    drawing.map(({ type }) => type),
  );

  const { page } = editor;
  await editor.edit(image, async () => {
    await page.locator('#node-input-btn-session-add').click();
    await page.locator('#node-config-dialog-ok').click();
    await page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' });
  });
  for (const node of drawing.slice(1)) await editor.edit(node, () => editor.choose('session'));
  assert.deepEqual(await editor.invalid(), []);
  await editor.deploy();

  const inbox = join(runtime.userDir, 'inbox');
  await editor.status(folder).filter({ hasText: '0 done' }).waitFor();
  assert.ok(existsSync(inbox));
  dashboard = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
  dashboard.setDefaultTimeout(120_000);
  dashboard.on('pageerror', (error) => errors.push(String(error)));
  await dashboard.goto(runtime.url + PAGE);
  await dashboard.getByRole('heading', { name: 'No clips yet' }).waitFor();
  copyFileSync(PHOTO, join(inbox, 'boats.jpg'));
  const card = dashboard.locator('.mm-card[data-state="done"]', { hasText: 'boats.jpg' });
  await card.waitFor();
  await dashboard.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>('.mm-card video');
    return video && video.readyState >= 2 && video.videoWidth >= 512 && video.duration >= 1.9;
  });
  await editor.page.bringToFront();
  assert.deepEqual(errors, []);
});

/** The step that a chart reads out. */
function step(chart: string, beyond: number): Promise<number> {
  return dashboard
    .waitForFunction(
      ([name, least]) => {
        const image = [...document.querySelectorAll('.mm-plot')].find((each) =>
          each.getAttribute('aria-label')?.startsWith(`${name}:`),
        );
        const at = Number(/at step ([\d,]+)/.exec(image?.getAttribute('aria-label') ?? '')?.[1]?.replace(',', '') ?? 0);
        return at > Number(least) && at;
      },
      [chart, beyond] as const,
    )
    .then((handle) => handle.jsonValue() as Promise<number>);
}

const chip = (word: string) => dashboard.locator('.mm-chip', { hasText: word }).waitFor();

test('the training example is imported, watched, paused; after a reload its history is there and it resumes', {
  skip,
}, async () => {
  const nodes = await editor.importExample(/^(\d+ )?train$/i);
  const trainer = nodes.find(({ type }) => type === 'manga-trainer')!;
  await editor.show('Train');
  const monitor = await editor.drop('ui-manga-monitor', { x: 1260, y: 640 });
  await editor.wire(trainer, monitor);
  await editor.wire(monitor, trainer);
  await editor.edit(monitor, () => editor.choose('group'));
  assert.deepEqual(await editor.invalid(), []);
  await editor.deploy();

  await dashboard.bringToFront();
  await dashboard.getByRole('button', { name: 'Start', exact: true }).click();
  await chip('Running');
  const first = await step('Content', 0);
  const pixels = () =>
    dashboard
      .locator('.mm-chart canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const drawn = await pixels();
  await step('Content', first + 1);
  assert.notEqual(await pixels(), drawn, 'the curve was drawn on');

  await dashboard.getByRole('button', { name: 'Pause', exact: true }).click();
  await chip('Paused');
  const paused = await whatStays(() => step('Content', 0));
  await dashboard.reload();
  await chip('Paused');
  assert.equal(await step('Content', first), paused);
  await dashboard.getByRole('button', { name: 'Resume', exact: true }).click();
  await chip('Running');
  assert.ok((await step('Content', paused)) > paused);
  await dashboard.getByRole('button', { name: 'Stop', exact: true }).click();
  await dashboard.getByRole('button', { name: 'Start', exact: true }).waitFor();
  // The clip of before is there, too.
  await dashboard.locator('.mm-card[data-state="done"]').waitFor();
  assert.deepEqual(errors, []);
});
