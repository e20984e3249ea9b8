/** The editor in a browser that speaks Chinese or Japanese: palette, forms and help in its language. With SCREENSHOTS=1 pictures go to out/. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { node, session } from '../runtime/support/flow.ts';
import { type FlowNode, ROOT, Runtime } from '../runtime/support/runtime.ts';
import { openBrowser, skip } from './browser.ts';

const SCREENSHOTS = process.env.SCREENSHOTS ? join(ROOT, 'out', 'languages') : '';
declare const RED: {
  nodes: { node(id: string): object; getNodeHelp(type: string): string };
  sidebar: { help: { show(type: string): void } };
  editor: { edit(node: object): void; editConfig(name: string, type: string, id: string): void };
};

const types = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))['node-red'].nodes as object);
const flow: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'manga' },
  session('session'),
  ...types
    .filter((type) => type !== 'manga-session')
    .map((type, at) => ({
      ...node(type, type, [], 'manga-hot-folder' === type ? { inbox: 'in' } : {}),
      ...{ session: 'session', x: 160 + 260 * (at % 3), y: 60 + 70 * Math.floor(at / 3) },
    })),
];

let runtime: Runtime;
let browser: Browser;
before(async () => {
  if (skip) return;
  if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
  runtime = await Runtime.start();
  mkdirSync(join(runtime.userDir, 'in'));
  await runtime.deploy(flow);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await runtime?.stop();
});

async function openForm(page: Page, type: string): Promise<void> {
  await page.evaluate((type) => {
    if (type === 'manga-session') RED.editor.editConfig('', type, 'session');
    else RED.editor.edit(RED.nodes.node(type));
  }, type);
  await page.locator('.red-ui-tray .manga-form').waitFor();
  await page.waitForFunction(
    () => document.querySelector('.red-ui-tray')!.getBoundingClientRect().right <= window.innerWidth + 1,
  );
}

async function shoot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** The whole form, as high as it is. */
async function shootForm(page: Page, name: string): Promise<void> {
  if (!SCREENSHOTS) return;
  const form = page.locator('.manga-form').last();
  const height = await form.evaluate((element) => element.scrollHeight + 320);
  await page.setViewportSize({ width: 1280, height: Math.max(1000, height) });
  await shoot(page, name);
  await page.setViewportSize({ width: 1280, height: 1000 });
}

/** What a form shows that is English, cut off or a raw key. */
function faultsOf(page: Page): Promise<string[]> {
  return page
    .locator('.manga-form')
    .last()
    .evaluate((form) => {
      const wrong: string[] = [];
      const box = form.getBoundingClientRect();
      for (const part of form.querySelectorAll('.form-row > *, .red-ui-typedInput-container')) {
        const { right, width } = part.getBoundingClientRect();
        if (width > 0 && right > box.right + 1) wrong.push(`cut off: ${part.textContent}`);
      }
      for (const label of form.querySelectorAll('.form-row > label, .manga-unit')) {
        const lines = new Set([...label.getClientRects()].map(({ top }) => Math.round(top)));
        if (label.clientHeight > 30 || lines.size > 1) wrong.push(`wraps: ${label.textContent}`);
      }
      for (const text of form.querySelectorAll('[data-i18n]')) {
        const attribute = text.getAttribute('data-i18n')!;
        const named = /^\[(\w+)\]/.exec(attribute)?.[1];
        const shown = (named ? text.getAttribute(named) : text.textContent) ?? '';
        if (attribute.replace(/^.*[:\]]/, '') === shown.replace(/^.*:/, '')) wrong.push(`raw key: ${attribute}`);
      }
      return wrong;
    });
}

for (const [language, category] of [
  ['zh-CN', '漫画'],
  ['ja', '漫画'],
] as const) {
  test(`${language}: palette and forms speak it, and nothing is cut off`, { skip }, async () => {
    const page = await browser.newPage({ locale: language, viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(90_000);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(runtime.url);
    await page.locator('.red-ui-flow-node-group').first().waitFor();
    assert.equal(await page.locator('#red-ui-palette-header-manga').innerText(), category);
    const labels = await page
      .locator('#red-ui-palette-manga .red-ui-palette-label')
      .evaluateAll((all) => all.map((label) => label.textContent ?? ''));
    assert.equal(labels.length, types.length - 1);
    for (const label of labels) assert.match(label, /\p{sc=Han}|\p{sc=Katakana}/u);
    await shoot(page, `${language} editor`);
    const faults: string[] = [];
    for (const type of types) {
      const help = await page.evaluate((name) => {
        const element = document.createElement('div');
        element.innerHTML = RED.nodes.getNodeHelp(name);
        return element.innerText;
      }, type);
      if (!/\p{sc=Han}/u.test(help)) faults.push(`${type}: help is not translated`);
      for (const [left] of help.matchAll(/[`*]|\]\(|^#.*|&#58;|<\w/gm)) faults.push(`${type}: help shows ${left}`);
    }
    await page.evaluate(() => RED.sidebar.help.show('manga-tcn-decoder'));
    await page.locator('.red-ui-help dt').first().waitFor();
    await shoot(page, `${language} help`);
    for (const type of types) {
      await openForm(page, type);
      faults.push(...(await faultsOf(page)).map((fault) => `${type}: ${fault}`));
      await shootForm(page, `${language} ${type}`);
      await page.locator('#node-dialog-cancel, #node-config-dialog-cancel').last().click();
      await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
    }
    assert.deepEqual(faults, []);
    assert.deepEqual(errors, []);
    await page.close();
  });
}
