/** Pictures of what the editor shows beside flows and forms: layers, live preview, sessions, a wire that cannot work, other languages. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { DashboardRuntime } from '../../tests/browser/dashboard-support.ts';
import { node, PHOTO, session } from '../../tests/runtime/support/flow.ts';
import type { FlowNode } from '../../tests/runtime/support/runtime.ts';
import { save } from './save.ts';

declare const RED: {
  nodes: { node(id: string): object };
  editor: { edit(node: object): void };
  actions: { invoke(name: string): void };
  sidebar: { show(id: string): void; help: { show(type: string): void } };
};

const LONGEST_MS = 240_000;
const at = (x: number, y: number, flowNode: FlowNode): FlowNode => ({ ...flowNode, x, y });
const inject = (to: readonly string[]): FlowNode =>
  node('go', 'inject', to, { props: [{ p: 'payload' }], payload: PHOTO, payloadType: 'str', repeat: '' });
const TAB = (label: string): FlowNode => ({ id: 'tab', type: 'tab', label });

const DRAWING: readonly FlowNode[] = [
  TAB('Clip'),
  session('session', { name: 'studio' }),
  at(130, 80, { ...inject(['image']), name: 'photo' }),
  at(290, 80, node('image', 'manga-image', ['encoder'])),
  at(450, 80, node('encoder', 'manga-encoder', ['decoder'], { size: '512', thumbnail: true })),
  at(630, 80, node('decoder', 'manga-tcn-decoder', ['clip'], { size: '512', frames: '24' })),
  at(800, 80, node('clip', 'manga-clip', [], { folder: 'out', thumbnail: true })),
];
const SESSIONS: readonly FlowNode[] = [
  TAB('Sessions'),
  session('session', { name: 'Drawing studio', idleSeconds: '600' }),
  session('broken', { name: 'Without a model', engine: 'onnx', model: '/models/lost' }),
  at(120, 80, inject(['image', 'other'])),
  at(160, 140, node('image', 'manga-image', ['encoder'])),
  at(340, 140, node('encoder', 'manga-encoder')),
  at(160, 380, node('other', 'manga-image', ['other encoder'], { session: 'broken' })),
  at(340, 380, node('other encoder', 'manga-encoder', [], { session: 'broken' })),
];
const WIRES: readonly FlowNode[] = [
  TAB('Wires'),
  session('session', { name: 'studio' }),
  at(140, 180, node('dataset', 'manga-dataset', ['encoder'], { frames: '6' })),
  at(320, 180, node('encoder', 'manga-encoder')),
  at(520, 180, node('decoder', 'manga-tcn-decoder', ['discriminator'])),
  at(720, 180, node('discriminator', 'manga-discriminator')),
  at(720, 260, node('temporal', 'manga-loss-temporal')),
];

export async function shootInside(runtime: DashboardRuntime, browser: Browser): Promise<void> {
  await runtime.deploy(DRAWING);
  for (const locale of ['en-US', 'zh-CN', 'ja']) {
    const page = await open(runtime, browser, locale, { width: 1440, height: 900 });
    // The first editor to come starts the flow; the picture stays for the others.
    if (locale === 'en-US') await go(runtime);
    await page.locator('[id="clip"] image.motion-manga-thumbnail').waitFor();
    if (locale === 'en-US') {
      await shootLayers(page);
      await shootLivePreview(page);
    } else await shootLanguage(page, locale);
    await page.close();
  }
  await shootSessions(runtime, browser);
  await shootWires(runtime, browser);
}

async function open(
  runtime: DashboardRuntime,
  browser: Browser,
  locale: string,
  viewport: { readonly width: number; readonly height: number },
): Promise<Page> {
  const page = await browser.newPage({ viewport, locale });
  page.setDefaultTimeout(LONGEST_MS);
  await page.goto(runtime.url);
  await page.locator('.red-ui-flow-node-group').first().waitFor();
  return page;
}

const go = async (runtime: DashboardRuntime): Promise<void> => {
  await fetch(`${runtime.url}/inject/go`, { method: 'POST' });
};
const dark = (page: Page, on: boolean): Promise<void> =>
  page.evaluate((value) => void document.documentElement.classList.toggle('nr-theme-dark', value), on);

async function shootLayers(page: Page): Promise<void> {
  await page.locator('[id="decoder"] .motion-manga-layers-button').click();
  const drawn = () =>
    page.waitForFunction(() => {
      const images = [...document.querySelectorAll<HTMLImageElement>('.manga-layers figure img')];
      return images.length > 0 && images.every((image) => image.complete && image.naturalWidth > 0);
    });
  const view = page.locator('.manga-layers-dialog');
  await drawn();
  await save('editor-layers', await view.screenshot());
  await page.getByRole('tab', { name: 'Depth and motion' }).click();
  await drawn();
  await save('editor-layers-motion', await view.screenshot());
  await page.getByRole('tab', { name: 'Feature maps' }).click();
  await drawn();
  await dark(page, true);
  await save('editor-layers-features-dark', await view.screenshot());
  await dark(page, false);
  await view.locator('.ui-dialog-titlebar-close').click();
}

async function shootLivePreview(page: Page): Promise<void> {
  await page.evaluate(() => RED.editor.edit(RED.nodes.node('decoder')));
  await page.locator('.manga-draft img[src]').waitFor();
  await page.waitForFunction(() => !document.querySelector('.manga-draft-busy'));
  await page.mouse.move(0, 0);
  await sleep(1000);
  await save('editor-live-preview', await page.locator('.red-ui-tray').screenshot());
  await page.locator('#node-dialog-cancel').click();
  await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
}

/** Palette, flow, form and help in another language. */
async function shootLanguage(page: Page, language: string): Promise<void> {
  await page.evaluate(() => RED.sidebar.help.show('manga-tcn-decoder'));
  await page.locator('.red-ui-help dt').first().waitFor();
  await page.locator('.red-ui-palette-node[data-palette-type="manga-image"]').evaluate((block) => {
    block.closest('.red-ui-palette-category')!.scrollIntoView();
  });
  await page.addStyleTag({ content: '#red-ui-notifications { display: none }' });
  await sleep(1000);
  await save(`editor-${language}`, await page.screenshot());
}

async function shootSessions(runtime: DashboardRuntime, browser: Browser): Promise<void> {
  await runtime.deploy(SESSIONS);
  const page = await open(runtime, browser, 'en-US', { width: 1100, height: 860 });
  await go(runtime);
  await page.evaluate(() => RED.sidebar.show('motion-manga-sessions'));
  const nodeStatus = (id: string) => page.locator(`[id="${id}"] .red-ui-flow-node-status-label`);
  await nodeStatus('encoder').filter({ hasText: '×' }).waitFor();
  await nodeStatus('other encoder').filter({ hasText: 'Model not found' }).waitFor();
  // The sidebar asks once a second; the debug sidebar below it is in the way.
  await sleep(3000);
  await page.locator('button[data-tab-id="debug"]').click();
  await save('editor-sessions', await page.screenshot());
  await page.close();
}

async function shootWires(runtime: DashboardRuntime, browser: Browser): Promise<void> {
  await runtime.deploy(WIRES);
  const page = await open(runtime, browser, 'en-US', { width: 1000, height: 460 });
  await page.evaluate(() => {
    for (const name of ['core:toggle-sidebar', 'core:toggle-palette']) RED.actions.invoke(name);
  });
  const port = (id: string, side: string) => page.locator(`[id="${id}"] .red-ui-flow-port-${side} .red-ui-flow-port`);
  await port('encoder', 'output').hover();
  await page.mouse.down();
  await port('temporal', 'input').hover();
  await page.locator('.red-ui-flow-drag-line').first().waitFor({ state: 'attached' });
  await page.mouse.up();
  await page.locator('.red-ui-notification-warning').waitFor();
  await page.waitForFunction(
    () => document.querySelector<HTMLElement>('.red-ui-notification-warning')?.style.overflow !== 'hidden',
  );
  await page.mouse.move(0, 0);
  await sleep(500);
  await save('editor-wiring', await page.screenshot());
  await page.close();
}
