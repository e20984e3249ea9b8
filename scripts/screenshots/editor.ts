/** Pictures of the editor: flows on their canvas, the whole window, every form. */
import { copyFileSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { DashboardRuntime } from '../../tests/browser/dashboard-support.ts';
import { Editor } from '../../tests/browser/editor-mouse.ts';
import { PHOTO } from '../../tests/runtime/support/flow.ts';
import { type FlowNode, ROOT } from '../../tests/runtime/support/runtime.ts';
import { save, sheet } from './save.ts';

declare const RED: {
  nodes: { node(id: string): { _def: { category: string } } };
  editor: { edit(node: object): void; editConfig(name: string, type: string, id: string): void };
  workspaces: { show(id: string): void };
  view: { select(selection: object): void };
  actions: { invoke(name: string): void };
};

/** Flows by their tab, and the names of their pictures. */
const FLOWS: Readonly<Record<string, string>> = {
  'First clip': 'flow-first-clip',
  'Blocks one by one': 'flow-blocks',
  'Style from a page': 'flow-style',
  'Hot folder': 'flow-hot-folder',
  'Photo booth': 'flow-photo-booth',
  Metrics: 'flow-metrics',
  'Video in': 'flow-video',
  Scenes: 'flow-scenes',
  'Several machines': 'flow-several-machines',
  Train: 'flow-train',
  'Training monitor': 'flow-training-monitor',
};
const BLOCKS = 'Blocks one by one';
const HOT_FOLDER = 'Hot folder';

const FORMS: Readonly<Record<string, readonly string[]>> = {
  'forms-drawing': ['tcn-decoder', 'stylize', 'encoder', 'session', 'image', 'clip'],
  'forms-folders': ['hot-folder', 'video', 'scene', 'preview', 'metrics'],
  'forms-training': [
    ...['dataset', 'discriminator', 'trainer'],
    ...['loss-adversarial', 'loss-content', 'loss-style', 'loss-temporal'],
  ],
  'forms-dashboard': ['ui-manga-gallery', 'ui-manga-monitor'],
};
const DARK_FORMS = ['tcn-decoder', 'hot-folder', 'trainer', 'dataset'];
const LONGEST_MS = 120_000;
const WINDOW = { width: 1720, height: 900 };
/** Room round a flow. */
const MARGIN = 40;

const examples = globSync('flows/*.json', { cwd: ROOT }).map(
  (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as FlowNode[],
);
const flowOf = (label: string): FlowNode[] => {
  const flow = examples.find((nodes) => nodes.some((node) => node.type === 'tab' && node.label === label));
  if (!flow) throw new Error(`There is no example ${label}.`);
  return flow;
};

export async function shootEditor(runtime: DashboardRuntime, browser: Browser): Promise<void> {
  // Two hot folders do not watch the same folder.
  const flows = Object.keys(FLOWS).flatMap((label) =>
    flowOf(label).map((node) => (node.queue ? { ...node, inbox: 'shared/inbox' } : node)),
  );
  await runtime.deploy(flows);
  const errors: string[] = [];
  const { page } = await Editor.open(browser, runtime.url, errors);
  await page.setViewportSize(WINDOW);
  await draw(runtime, page);
  await shootWindow(page);
  await shootFlows(page);
  await shootForms(page, flows);
  await page.close();
  if (errors.length > 0) throw new Error(errors.join('\n'));
}

const theme = (page: Page, dark: boolean): Promise<void> =>
  page.evaluate((on) => void document.documentElement.classList.toggle('nr-theme-dark', on), dark);

async function show(page: Page, label: string): Promise<void> {
  const flow = flowOf(label);
  await page.evaluate((id) => RED.workspaces.show(id), flow.find(({ type }) => type === 'tab')!.id);
  await page.locator(`[id="${flow.find((node) => 'x' in node)!.id}"]`).waitFor();
  await page.evaluate(() => RED.view.select({ nodes: [] }));
}

/** Runs the flows whose nodes have pictures, and waits until their clips are written. */
async function draw(runtime: DashboardRuntime, page: Page): Promise<void> {
  for (const label of [HOT_FOLDER, BLOCKS]) {
    await show(page, label);
    const flow = flowOf(label);
    const inject = flow.find(({ type }) => type === 'inject');
    if (inject) await fetch(`${runtime.url}/inject/${inject.id}`, { method: 'POST' });
    else copyFileSync(PHOTO, join(runtime.userDir, 'inbox', 'boats.jpg'));
    for (const { id } of flow.filter(({ type }) => type === 'manga-preview')) {
      await page.locator(`[id="${id}"] image.motion-manga-thumbnail`).waitFor({ timeout: LONGEST_MS });
    }
    const clips = flow.filter(({ type }) => type === 'manga-clip').map(({ id }) => id);
    const written = (ids: readonly string[]): boolean =>
      ids.every((id) => document.getElementById(id)?.querySelector('[class*="status-dot-green"]'));
    await page.waitForFunction(written, clips, { timeout: LONGEST_MS });
  }
}

/** Messages that slide in are no part of what is shown. */
async function quiet(page: Page): Promise<void> {
  await page.addStyleTag({ content: '#red-ui-notifications { display: none }' });
}

async function shootWindow(page: Page): Promise<void> {
  await quiet(page);
  await page.locator('.red-ui-palette-node[data-palette-type="manga-image"]').evaluate((block) => {
    block.closest('.red-ui-palette-category')!.scrollIntoView();
  });
  for (const dark of [false, true]) {
    await theme(page, dark);
    await save(dark ? 'editor-dark' : 'editor', await page.screenshot());
  }
  await theme(page, false);
}

async function shootFlows(page: Page): Promise<void> {
  // The whole width for the canvas.
  await page.evaluate(() => {
    for (const name of ['core:toggle-sidebar', 'core:toggle-palette']) RED.actions.invoke(name);
  });
  for (const [label, name] of Object.entries(FLOWS)) {
    await page.setViewportSize({ width: 1600, height: 1000 });
    await show(page, label);
    const ends = await page.locator('.red-ui-flow-node-group, .motion-manga-thumbnail').evaluateAll((nodes) => {
      const boxes = nodes.map((node) => node.getBoundingClientRect());
      return { right: Math.max(...boxes.map((box) => box.right)), bottom: Math.max(...boxes.map((box) => box.bottom)) };
    });
    const chart = (await page.locator('#red-ui-workspace-chart').boundingBox())!;
    const clip = {
      x: chart.x,
      y: chart.y,
      width: ends.right + MARGIN - chart.x,
      height: ends.bottom + MARGIN - chart.y,
    };
    await save(name, await page.screenshot({ clip }));
  }
  await page.evaluate(() => {
    for (const name of ['core:toggle-sidebar', 'core:toggle-palette']) RED.actions.invoke(name);
  });
}

async function shootForms(page: Page, flows: readonly FlowNode[]): Promise<void> {
  const shootAll = async (names: readonly string[]) => {
    const pictures: Buffer[] = [];
    for (const name of names)
      pictures.push(await shootForm(page, flows.find(({ type }) => type === name || type === `manga-${name}`)!));
    return pictures;
  };
  for (const [name, forms] of Object.entries(FORMS)) await save(name, await sheet(await shootAll(forms), 3, '#d8d8d8'));
  await theme(page, true);
  await save('forms-dark', await sheet(await shootAll(DARK_FORMS), 2, '#101010'));
  await theme(page, false);
}

/** The tray slides in; no button is under the mouse. */
async function standsStill(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.locator('.red-ui-tray').evaluate(async (tray) => {
    for (let still = 0, left = Number.NaN; still < 10; ) {
      await new Promise((frame) => requestAnimationFrame(frame));
      const now = tray.getBoundingClientRect().left;
      still = now === left ? still + 1 : 0;
      left = now;
    }
  });
}

/** The tray of one node, as high as its form. */
async function shootForm(page: Page, node: FlowNode): Promise<Buffer> {
  await page.setViewportSize({ width: WINDOW.width, height: 2400 });
  await page.evaluate(({ id, type }) => {
    const live = RED.nodes.node(id);
    if (live._def.category === 'config') RED.editor.editConfig('', type, id);
    else RED.editor.edit(live);
  }, node);
  const rows = page.locator('.red-ui-tray .form-row');
  await rows.first().waitFor();
  await standsStill(page);
  if ((await page.locator('.manga-draft').count()) > 0) await page.locator('.manga-draft img[src]').waitFor();
  const tray = (await page.locator('.red-ui-tray-header').last().boundingBox())!;
  const bottom = await page
    .locator('.red-ui-tray :is(.form-row, .form-tips)')
    .evaluateAll((parts) => Math.max(...parts.map((part) => part.getBoundingClientRect().bottom)));
  const picture = await page.screenshot({ clip: { ...tray, height: bottom + 12 - tray.y } });
  await page.locator('#node-dialog-cancel, #node-config-dialog-cancel').last().click();
  await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
  return picture;
}
