/** The example flows of a watched training, as they are shipped, in real Chromium: with Dashboard's own widgets, and with ours. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type FlowNode, ROOT } from '../runtime/support/runtime.ts';
import { openBrowser, skip } from './browser.ts';
import { DashboardRuntime, whatStays } from './dashboard-support.ts';

let runtime: DashboardRuntime;
let browser: Browser;
const errors: string[] = [];

before(async () => {
  if (skip) return;
  runtime = await DashboardRuntime.start();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await runtime?.close();
});

/** Deploys an example and opens its page. */
async function show(name: string): Promise<Page> {
  // The example before has left an unfinished run there, which 'start' would not overwrite.
  rmSync(join(runtime.userDir, 'training'), { recursive: true, force: true });
  await runtime.deploy(JSON.parse(readFileSync(join(ROOT, 'examples', `${name}.json`), 'utf8')) as FlowNode[]);
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, locale: 'en-US' });
  page.setDefaultTimeout(120_000);
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${runtime.url}/dashboard/training`);
  return page;
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Not in two minutes: ${what}`);
    await new Promise((again) => setTimeout(again, 100));
  }
}

const pixels = (page: Page, canvas: string): Promise<string> =>
  page
    .locator(canvas)
    .first()
    .evaluate((each: HTMLCanvasElement) => each.toDataURL());

test("Dashboard's own widgets show a training and steer it", { skip, timeout: 280_000 }, async () => {
  const page = await show('14 Monitor with core widgets');
  const text = (label: string): Promise<string> =>
    page.locator('.nrdb-ui-widget.nrdb-ui-text', { has: page.getByText(label, { exact: true }) }).innerText();
  const step = async (): Promise<number> => Number(/(\d+) \/ 200/.exec(await text('Step'))?.[1] ?? -1);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const canvas = '.nrdb-ui-chart canvas';
  await page.locator(canvas).first().waitFor();
  const empty = await pixels(page, canvas);

  await press('start');
  await until('a step is counted', async () => (await step()) >= 1);
  await until('the curve is drawn', async () => (await pixels(page, canvas)) !== empty);
  const [first, drawn] = [await step(), await pixels(page, canvas)];
  await until('the step rises', async () => (await step()) > first);
  await until('the curve goes on', async () => (await pixels(page, canvas)) !== drawn);
  for (const [label, value] of [
    ['State', /running/],
    ['Speed', /[\d.]+ steps\/s/],
    ['Images', /[\d.]+ images\/s/],
    ['Learning rate', /G \d\.\de-\d/],
    ['Memory of the session', /\d+ MB/],
    ['Time left', /\d+ min/],
  ] as const) {
    await until(`${label}: ${value}`, async () => value.test(await text(label)));
  }

  await press('pause');
  await until('it pauses', async () => /paused/.test(await text('State')));
  const paused = await whatStays(step);
  await press('save');
  const saved = () => readdirSync(join(runtime.userDir, 'training')).some((file) => file.endsWith('.safetensors'));
  await until('a checkpoint is written', async () => saved());
  await press('resume');
  await until('it goes on', async () => (await step()) > paused);
  await press('stop');
  await until('it ends', async () => /finished/.test(await text('State')));
  await page.close();
  assert.deepEqual(errors, []);
});

test('the monitor shows a training and steers it', { skip, timeout: 280_000 }, async () => {
  const page = await show('15 Training monitor');
  const chip = (word: string) => page.locator('.mm-chip', { hasText: word }).waitFor();
  const step = async (): Promise<number> => {
    const label = await page.getByRole('img', { name: /^Content:/ }).getAttribute('aria-label');
    return Number(/at step ([\d,]+)/.exec(label ?? '')?.[1]?.replace(',', '') ?? -1);
  };
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await press('Start');
  await chip('Running');
  await until('a step is counted', async () => (await step()) >= 1);
  const canvas = '.mm-chart canvas';
  await until('there is a curve', async () => (await page.locator(canvas).count()) > 0);
  const [first, drawn] = [await step(), await pixels(page, canvas)];
  await until('the step rises', async () => (await step()) > first);
  await until('the curve goes on', async () => (await pixels(page, canvas)) !== drawn);
  await press('Pause');
  await chip('Paused');
  const paused = await whatStays(step);
  await press('Resume');
  await chip('Running');
  await until('it goes on', async () => (await step()) > paused);
  await press('Stop');
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  await page.close();
  assert.deepEqual(errors, []);
});
