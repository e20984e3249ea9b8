/**
 * A newcomer's path, timed: an empty folder, Node-RED as it comes, and then by mouse in the real editor: install the packed
 * package in the palette manager, import the first example, deploy, press its button. No file is edited. Needs Chromium
 * (CHROMIUM, else /usr/bin/chromium) and npm's registry. One JSON object: actions, clicks, and seconds from the start of
 * Node-RED on. Exit code 1: more than 3 minutes or 5 actions.
 * Usage: node scripts/newcomer.ts [FOLDER_FOR_SCREENSHOTS]
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../tests/browser/browser.ts';
import { Editor } from '../tests/browser/editor-mouse.ts';
import { FreshNodeRed, pack, ROOT } from './fresh-node-red.ts';

const MOST_SECONDS = 180;
const MOST_ACTIONS = 5;
/** Of one step, ms: an installation on a busy machine. */
const PATIENCE = 540_000;
const pictures = process.argv[2];

/** Counts the clicks of the page, also those of pages loaded later. */
async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  await page.exposeFunction('countClick', () => clicks++);
  await page.addInitScript(() => {
    addEventListener('pointerdown', () => (globalThis as unknown as { countClick(): void }).countClick(), true);
  });
  return () => clicks;
}

/** Menu, Manage palette, Install, the upload button, a file, Upload. */
async function install(page: Page, tarball: string): Promise<void> {
  await page.locator('#red-ui-header-button-sidemenu').click();
  await page.locator('#menu-item-edit-palette').click();
  await page.locator('#red-ui-palette-editor-tabs').getByText('Install', { exact: true }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.locator('.red-ui-palette-editor-upload-button').click();
  await (await chooser).setFiles(tarball);
  await page.locator('.red-ui-palette-editor-upload').getByText('Upload', { exact: true }).click();
  await page.locator('.red-ui-palette-node[data-palette-type="manga-clip"]').waitFor({ state: 'attached' });
  await page.locator('#node-dialog-ok').click();
}

const folder = mkdtempSync(join(tmpdir(), 'motion-manga-newcomer-'));
const packed = await pack(ROOT, folder);
const browser = await openBrowser();
const began = performance.now();
const seconds: Record<string, number> = {};
const red = await FreshNodeRed.start(join(folder, 'user'));
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  page.setDefaultTimeout(PATIENCE);
  const clicks = await countClicks(page);
  let actions = 0;
  const action = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    await work();
    actions++;
    seconds[name] = Math.round((performance.now() - began) / 100) / 10;
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${actions} ${name}.png`) });
  };
  const editor = new Editor(page);
  // Node-RED welcomes newcomers with a tour.
  await page.addLocatorHandler(page.locator('.red-ui-tourGuide-popover'), () => page.keyboard.press('Escape'));
  await action('open the editor', async () => {
    await page.goto(red.url);
    await page.getByRole('button', { name: 'No, do not enable notifications' }).click();
  });
  await action('install', () => install(page, packed.tarball));
  await action('import', () => editor.importExample(/^01 First clip$/));
  await action('deploy', () => editor.deploy());
  const shown = await red.debug();
  let clip = '';
  await action('first clip', async () => {
    await editor.show('First clip');
    await page.locator('.red-ui-flow-node-button-button:visible').first().click();
    const { msg } = await shown();
    clip = (JSON.parse(msg) as { path?: string }).path ?? '';
    if (!existsSync(clip)) throw new Error(`No clip: ${msg}`);
  });
  console.log(JSON.stringify({ actions, clicks: clicks(), seconds, clip: basename(clip) }));
  if (actions > MOST_ACTIONS || seconds['first clip']! > MOST_SECONDS) process.exitCode = 1;
} finally {
  await browser.close();
  await red.stop();
  rmSync(folder, { recursive: true, force: true });
}
