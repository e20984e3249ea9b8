/** The help of every node as the editor renders it from docs/nodes/. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { helpPage } from '../../scripts/build-help.ts';
import { ROOT, Runtime } from '../runtime/support/runtime.ts';
import { openBrowser, skip } from './browser.ts';

declare const RED: {
  nodes: { getNodeHelp(type: string): string };
  sidebar: { help: { show(type: string): void } };
};

const { nodes } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))['node-red'] as {
  nodes: Record<string, string>;
};
let runtime: Runtime;
let browser: Browser;
let page: Page;

before(async () => {
  if (skip) return;
  runtime = await Runtime.start();
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  await page.goto(runtime.url);
  await page.locator('#red-ui-palette-manga .red-ui-palette-node').first().waitFor();
});
after(async () => {
  await browser?.close();
  await runtime?.stop();
});

test("each page's sections, properties and links are rendered, and nothing is left as Markdown", { skip }, async () => {
  for (const type of Object.keys(nodes)) {
    const source = readFileSync(join(ROOT, helpPage(type, 'en-US')), 'utf8');
    const count = (pattern: RegExp): number => [...source.matchAll(pattern)].length;
    const { text, ...seen } = await page.evaluate((name) => {
      const help = document.createElement('div');
      help.innerHTML = RED.nodes.getNodeHelp(name);
      const descriptions = [...help.querySelectorAll('dl.message-properties > dd')];
      return {
        sections: help.querySelectorAll('h3').length,
        properties: help.querySelectorAll('dl.message-properties > dt').length,
        descriptions: descriptions.filter((dd) => dd.textContent!.trim()).length,
        links: help.querySelectorAll('a[href^="#manga-"]').length,
        first: help.firstElementChild!.nodeName,
        text: help.textContent!,
      };
    }, type);
    const properties = count(/^ *- (`|\*\*)/gm);
    const links = count(/\]\([\w-]+\.md\)/g);
    const expected = { sections: count(/^## /gm), properties, descriptions: properties, links, first: 'P' };
    assert.deepEqual(seen, expected, type);
    assert.doesNotMatch(text, /[`*]|\]\(|^#|&#58;|<\w/m, type);
  }
});

test("a link leads to the other node's help", { skip }, async () => {
  await page.evaluate(() => RED.sidebar.help.show('manga-clip'));
  await page.locator('.red-ui-help a[href="#manga-stylize"]').first().click();
  await page.locator('.red-ui-help dt', { hasText: 'camera' }).waitFor();
});

test('the palette explains each node in a sentence', { skip }, async () => {
  await page.locator('#red-ui-palette-manga [data-palette-type="manga-clip"]').hover();
  const tip = page.locator('.red-ui-popover');
  await tip.waitFor();
  assert.match((await tip.textContent())!, /Renders frames and writes them as a clip/);
});
