/** The monitor in a real Dashboard in Chromium, on a real training that its own buttons start, pause and save. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { FlowNode } from '../runtime/support/runtime.ts';
import { smallTraining } from '../runtime/support/training-run.ts';
import { openBrowser, skip } from './browser.ts';
import { DashboardRuntime, pages, seriousFindings, whatStays } from './dashboard-support.ts';

const monitor = (id: string, to: readonly string[] = []): FlowNode => ({
  id,
  type: 'ui-manga-monitor',
  z: 'monitors',
  name: '',
  order: 1,
  width: '12',
  height: '',
  x: 0,
  y: 0,
  wires: [[...to]],
});

let runtime: DashboardRuntime;
let browser: Browser;
let page: Page;
const errors: string[] = [];

async function open(path: string, width = 1280): Promise<Page> {
  const opened = await browser.newPage({ viewport: { width, height: 900 }, locale: 'en-US' });
  opened.setDefaultTimeout(60_000);
  opened.on('pageerror', (error) => errors.push(String(error)));
  await opened.goto(`${runtime.url}/dashboard/${path}`);
  return opened;
}

/** What stands in the header: 'Running', 'Paused'. */
const state = (of: Page, word: string) => of.locator('.mm-monitor .mm-chip', { hasText: word }).waitFor();

/** Step of the newest value of a chart, as it is read out. */
async function stepOf(of: Page, chart: string): Promise<number> {
  const label = await of.getByRole('img', { name: new RegExp(`^${chart}:`) }).getAttribute('aria-label');
  return Number(/at step ([\d,]+)/.exec(label ?? '')?.[1]?.replace(',', '') ?? -1);
}

async function until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Not in a minute: ${what}`);
    await new Promise((again) => setTimeout(again, 100));
  }
}

before(async () => {
  if (skip) return;
  const training = smallTraining({
    'manga-trainer': { steps: '400', sampleEvery: '1', schedule: 'plain', batch: '1', microBatch: '1' },
  });
  const trainer = training.flow.find(({ id }) => id === training.trainer)!;
  const [progress, ...others] = trainer.wires as string[][];
  trainer.wires = [[...progress!, 'light', 'dark'], ...others];
  runtime = await DashboardRuntime.start();
  await runtime.deploy([
    ...training.flow,
    { id: 'monitors', type: 'tab', label: 'monitors' },
    ...pages([monitor('light', [training.trainer])], [monitor('dark')]),
  ]);
  browser = await openBrowser();
  page = await open('light');
});
after(async () => {
  await browser?.close();
  await runtime?.close();
});

test('before the first run it says what to do', { skip }, async () => {
  await page.getByRole('heading', { name: 'No training yet' }).waitFor();
  await page.getByText('Wire the first output of a manga-trainer').waitFor();
});

test('Start trains; curves, sample strip and figures move; a second viewer sees the same', { skip }, async () => {
  await page.getByRole('button', { name: 'Start' }).click();
  await state(page, 'Running');
  await until('the content curve moves', async () => (await stepOf(page, 'Content')) >= 2);
  for (const chart of ['Generator G', 'Discriminator D', 'Content', 'Style', 'Temporal', 'Scores']) {
    await page.getByRole('img', { name: new RegExp(`^${chart}: [\\d.e-]+`) }).waitFor();
  }
  assert.equal((await page.locator('.mm-chart canvas').count()) >= 6, true);
  const strip = page.getByRole('img', { name: /^Frames at step/ });
  await strip.waitFor();
  await until('the strip is a picture', () => strip.evaluate((img: HTMLImageElement) => img.naturalWidth > 32));
  for (const [tile, value] of [
    ['Speed', /[\d.]+\s*steps\/s/],
    ['Memory', /\d+ [MG]B/],
    ['Learning rate', /2e-4/],
  ] as const) {
    assert.match(await page.locator('.mm-tile', { hasText: tile }).innerText(), value);
  }
  const second = await open('dark', 390);
  await until('the second viewer has the curve', async () => (await stepOf(second, 'Content')) >= 2);
  await second.close();
});

test('Pause stops the steps, Save writes a checkpoint', { skip }, async () => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await state(page, 'Paused');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved at step').waitFor();
  assert.ok(readdirSync(join(runtime.userDir, 'training')).some((file) => file.endsWith('.safetensors')));
});

test('scale, smoothing and scrubber work by keyboard; a curve is read by arrow keys', { skip }, async () => {
  const linear = page.getByRole('radio', { name: 'Linear' });
  await linear.focus();
  await page.keyboard.press('ArrowRight');
  assert.ok(await page.getByRole('radio', { name: 'Log' }).isChecked());
  const chart = page.getByRole('img', { name: /^Content:/ });
  await chart.focus();
  await page.keyboard.press('Home');
  const first = await stepOf(page, 'Content');
  await page.keyboard.press('End');
  await until('the cursor moved', async () => (await stepOf(page, 'Content')) > first);
  const scrubber = page.getByRole('slider', { name: 'Step of the sample' });
  await scrubber.focus();
  const newest = await scrubber.getAttribute('aria-valuetext');
  await page.keyboard.press('Home');
  await until('an earlier sample is shown', async () => (await scrubber.getAttribute('aria-valuetext')) !== newest);
});

test('axe finds nothing serious, in light and in dark, wide and narrow', { skip }, async () => {
  assert.deepEqual(await seriousFindings(page, '.mm-monitor'), []);
  const dark = await open('dark', 390);
  await state(dark, 'Paused');
  assert.deepEqual(await seriousFindings(dark, '.mm-monitor'), []);
  await dark.close();
});

test('nothing is wider than the screen of a phone', { skip }, async () => {
  const phone = await open('light', 360);
  await state(phone, 'Paused');
  const wide = await phone.locator('.mm-monitor').evaluate((root) => {
    const edge = root.getBoundingClientRect().right + 1;
    return [...root.querySelectorAll('*')]
      .filter((each) => each.getBoundingClientRect().right > edge)
      .map((each) => each.className);
  });
  assert.deepEqual(wide, []);
  await phone.close();
});

test('media have an ETag, an unknown run and foreign steps are not found', { skip }, async () => {
  const runs = (await (await fetch(`${runtime.url}/motion-manga/monitor/light/runs`)).json()) as { id: string }[];
  const base = `${runtime.url}/motion-manga/monitor/light/runs`;
  // Reports come twice a second at most: not every step has its strip.
  const { samples } = (await (await fetch(`${base}/${runs[0]!.id}`)).json()) as { samples: number[] };
  const address = `${base}/${runs[0]!.id}/samples/${samples[0]}`;
  const picture = await fetch(address);
  assert.equal(picture.headers.get('content-type'), 'image/png');
  const etag = picture.headers.get('etag')!;
  // As browsers ask; without the second header fetch asks for a fresh copy.
  const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
  const again = await fetch(address, { headers });
  assert.equal(again.status, 304);
  for (const path of [
    '/nobody',
    `/${runs[0]!.id}/samples/999`,
    `/${runs[0]!.id}/samples/..%2F..%2Fx`,
    '/nobody/samples/2',
  ]) {
    assert.equal((await fetch(base + path)).status, 404, path);
  }
});

test('history is there after a reload, and after Node-RED was killed', { skip }, async () => {
  await page.reload();
  await state(page, 'Paused');
  const step = await whatStays(() => stepOf(page, 'Content'));
  assert.ok(step >= 2);
  const journal = join(runtime.userDir, 'motion-manga', 'monitor-light.jsonl');
  await until('the history is written', () => readFileSync(journal, 'utf8').includes('"checkpointStep"'));
  await runtime.end('SIGKILL');
  await runtime.start();
  // Anew: the Dashboard reloads open pages by itself once Node-RED is back, and two reloads abort each other.
  await page.close();
  page = await open('light');
  await state(page, 'Interrupted');
  assert.equal(await stepOf(page, 'Content'), step);
  await page.getByRole('img', { name: /^Frames at step/ }).waitFor();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  assert.deepEqual(errors, []);
});
