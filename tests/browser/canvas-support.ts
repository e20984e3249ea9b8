/** A real Node-RED with a flow, looked at in a real Chromium. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type FlowNode, ROOT, Runtime } from '../runtime/support/runtime.ts';
import { openBrowser } from './browser.ts';

/** Screenshots for people go here. */
export const SCREENSHOTS = join(ROOT, 'out', 'editor');

export interface Editor {
  readonly runtime: Runtime;
  readonly page: Page;
  /** What the browser's console called an error. */
  readonly errors: string[];
  shoot(name: string, of?: string): Promise<void>;
  stop(): Promise<void>;
}

/** Deploys the flow and opens the editor. */
export async function openEditor(flow: readonly FlowNode[]): Promise<Editor> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const runtime = await Runtime.start();
  let browser: Browser | undefined;
  try {
    await runtime.deploy(flow);
    // Node-RED's tips fail when the page is slow to start: they want a sidebar that is not there yet.
    await fetch(`${runtime.url}/settings/user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ editor: { view: { 'view-show-tips': false } } }),
    });
    browser = await openBrowser();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error.stack)));
    page.on('console', (line) => line.type() === 'error' && errors.push(`${line.text()} ${line.location().url}`));
    await page.goto(runtime.url);
    await page.locator('.red-ui-flow-node-group').first().waitFor();
    const shown = browser;
    return {
      runtime,
      page,
      errors,
      shoot: async (name, of) => {
        await (of ? page.locator(of) : page).screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
      },
      async stop() {
        await shown.close();
        await runtime.stop();
      },
    };
  } catch (error) {
    await browser?.close();
    await runtime.stop();
    throw error;
  }
}

/** Nodes in a row, 170 pixels apart. */
export function inRow(nodes: readonly FlowNode[], y = 120): FlowNode[] {
  return nodes.map((node, i) => ({ ...node, x: 120 + i * 170, y }));
}
