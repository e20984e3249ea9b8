/** Training started with the mouse in the editor. The screenshot of the canvas is a picture of the documentation. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ROOT, Runtime } from '../runtime/support/runtime.ts';
import { smallTraining } from '../runtime/support/training-run.ts';
import { openBrowser, skip } from './browser.ts';

/** Pixels are not the same on every machine: a new picture is written only where it is asked for. */
const PICTURE = process.env.SCREENSHOTS ? join(ROOT, 'docs', 'images', 'flow-train.png') : undefined;
const STEPS = 50;

declare const RED: {
  workspaces: { show(id: string): void };
  actions: { invoke(name: string): void };
};

const training = smallTraining({ 'manga-trainer': { steps: String(STEPS), sampleEvery: '25', saveMinutes: '60' } });

let runtime: Runtime;
let browser: Browser;
let page: Page;
const errors: string[] = [];

before(async () => {
  if (skip) return;
  if (PICTURE) mkdirSync(dirname(PICTURE), { recursive: true });
  runtime = await Runtime.start();
  await runtime.deploy(training.flow);
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1400, height: 760 } });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(runtime.url);
  await page.locator('.red-ui-flow-node-group').first().waitFor();
  const [tab] = training.flow;
  await page.evaluate((id) => RED.workspaces.show(id), tab!.id);
  await page.locator(`[id="${training.trainer}"]`).waitFor();
  // The whole width for the canvas.
  await page.evaluate(() => ['core:toggle-sidebar', 'core:toggle-palette'].map((name) => RED.actions.invoke(name)));
});
after(async () => {
  await browser?.close();
  await runtime?.stop();
});

/** What stands under a node. */
const statusOf = (id: string): Promise<string> =>
  page.locator(`[id="${id}"] .red-ui-flow-node-status-label`).evaluate((label) => label.textContent ?? '');

test('no two nodes of the flow overlap', { skip }, async () => {
  const overlaps = await page.locator('.red-ui-flow-node-group').evaluateAll((nodes) => {
    const boxes = nodes.map((node) => ({
      name: node.querySelector('.red-ui-flow-node-label-text, .red-ui-flow-node-label')?.textContent ?? node.id,
      box: node.querySelector('rect, .red-ui-flow-node')!.getBoundingClientRect(),
    }));
    const found: string[] = [];
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) {
        const apart =
          a.box.right <= b.box.left ||
          b.box.right <= a.box.left ||
          a.box.bottom <= b.box.top ||
          b.box.bottom <= a.box.top;
        if (!apart) found.push(`${a.name} and ${b.name}`);
      }
    }
    return found;
  });
  assert.deepEqual(overlaps, []);
});

test('pressing start trains to the end, steps are counted under the trainer', { skip, timeout: 150_000 }, async (t) => {
  const start = training.flow.find(({ name }) => name === 'start')!;
  await page.waitForFunction(
    (id) => /ready/.test(document.querySelector(`[id="${id}"] .red-ui-flow-node-status-label`)?.textContent ?? ''),
    training.trainer,
  );
  await page.locator(`[id="${start.id}"] .red-ui-flow-node-button-button`).click();
  const began = Date.now();
  const seen: number[] = [];
  for (let step = 0; step < STEPS; ) {
    // Until the words under the trainer change.
    const words = await page
      .waitForFunction(
        ({ id, steps, after }) => {
          const text = document.querySelector(`[id="${id}"] .red-ui-flow-node-status-label`)?.textContent ?? '';
          const at = new RegExp(`(\\d+)/${steps}`).exec(text)?.[1];
          return at !== undefined && Number(at) > after ? text : null;
        },
        { id: training.trainer, steps: STEPS, after: step },
        { timeout: 60_000 },
      )
      .then((handle) => handle.jsonValue());
    step = Number(/(\d+)\//.exec(words!)![1]);
    seen.push(step);
    if (PICTURE && step > STEPS / 2 && step < STEPS) await page.screenshot({ path: PICTURE });
  }
  t.diagnostic(`${STEPS} steps seen in ${(Date.now() - began) / 1000} s: ${seen.join(' ')}`);
  assert.ok(seen.length >= 3, `steps seen: ${seen}`);
  const saved = (await runtime.message(training.checkpoint)) as unknown as { payload: string; step: number };
  assert.equal(saved.step, STEPS);
  assert.ok(existsSync(saved.payload));
  await page.waitForFunction(
    (id) =>
      /done|finished/.test(document.querySelector(`[id="${id}"] .red-ui-flow-node-status-label`)?.textContent ?? ''),
    training.trainer,
  );
  assert.match(await statusOf(training.trainer), /50\/50/);
  assert.deepEqual(errors, []);
});
