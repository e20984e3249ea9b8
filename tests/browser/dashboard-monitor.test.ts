/** The monitor in a real Dashboard in Chromium, on a real training that its own buttons start, pause and save. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { SocketViewer } from '../../dashboard/bench/socket-viewer.ts';
import type { RunStatus } from '../../dashboard/lib/monitor/types.ts';
import type { FlowNode } from '../runtime/support/runtime.ts';
import { smallTraining } from '../runtime/support/training-run.ts';
import { openBrowser, skip } from './browser.ts';
import { DashboardRuntime, listen, pages, seriousFindings, whatStays, withMedia } from './dashboard-support.ts';

const monitor = (id: string, to: readonly string[], actions: boolean): FlowNode => ({
  id,
  type: 'ui-manga-monitor',
  z: 'monitors',
  name: '',
  order: 1,
  width: '12',
  actions,
  height: '',
  x: 0,
  y: 0,
  wires: [[...to]],
});

let runtime: DashboardRuntime;
let browser: Browser;
let page: Page;
const errors: string[] = [];
/** What each page's widgets were sent. */
const messages: string[][] = [];

async function open(path: string, width = 1280): Promise<Page> {
  const opened = await browser.newPage({ viewport: { width, height: 900 }, locale: 'en-US' });
  opened.setDefaultTimeout(120_000);
  opened.on('pageerror', (error) => errors.push(String(error)));
  messages.push(listen(opened));
  await opened.goto(`${runtime.url}/dashboard/${path}`);
  return opened;
}

/** What stands in the header: 'Running', 'Paused'. */
const state = (of: Page, word: string) => of.locator('.mm-monitor .mm-chip', { hasText: word }).waitFor();

const tileOf = (label: string): Promise<string> =>
  page.locator('.mm-tile', { has: page.getByText(label, { exact: true }) }).innerText();

const statuses = async (of = 'light'): Promise<RunStatus[]> =>
  (await (await fetch(`${runtime.url}/motion-manga/monitor/${of}/runs`)).json()) as RunStatus[];

/** Pixels of a chart. */
const pixels = (chart: string): Promise<string> =>
  page
    .locator('.mm-chart', { hasText: chart })
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

/** Step of the newest value of a chart, as it is read out. */
async function stepOf(of: Page, chart: string): Promise<number> {
  const label = await of.getByRole('img', { name: new RegExp(`^${chart}:`) }).getAttribute('aria-label');
  return Number(/at step ([\d,]+)/.exec(label ?? '')?.[1]?.replace(',', '') ?? -1);
}

async function until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Not in two minutes: ${what}`);
    await new Promise((again) => setTimeout(again, 100));
  }
}

before(async () => {
  if (skip) return;
  const training = smallTraining({
    'manga-trainer': { steps: '2000', sampleEvery: '1', schedule: 'plain', batch: '4', microBatch: '4', anew: true },
  });
  const trainer = training.flow.find(({ id }) => id === training.trainer)!;
  const [progress, ...others] = trainer.wires as string[][];
  trainer.wires = [[...progress!, 'light', 'dark'], ...others];
  runtime = await DashboardRuntime.start();
  await runtime.deploy([
    ...training.flow,
    { id: 'monitors', type: 'tab', label: 'monitors' },
    // One that everybody may steer by, one that is only looked at.
    ...pages([monitor('light', [training.trainer], true)], [monitor('dark', [training.trainer], false)]),
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
    // Or half of it, where the guard has gone back.
    ['Learning rate', /2e-4|1e-4/],
    ['Time left', /\d+:\d\d/],
    ['Images', /[\d.]+\s*images\/s/],
  ] as const) {
    assert.match(await tileOf(tile), value);
  }
  const second = await open('dark', 390);
  await until('the second viewer has the curve', async () => (await stepOf(second, 'Content')) >= 2);
  await second.close();
});

test('who may only look has no buttons, and what is sent all the same is refused', { skip }, async () => {
  const looker = await open('dark');
  await state(looker, 'Running');
  assert.equal(await looker.getByRole('button', { name: /Start|Pause|Stop|Save/, exact: true }).count(), 0);
  await looker.close();
  const [intruder, viewer] = await Promise.all(['dark', 'light'].map((id) => SocketViewer.open(runtime.url, id)));
  intruder!.press('stop');
  const [{ step }] = await statuses();
  await until('training goes on', async () => (await statuses())[0]!.step >= step + 2);
  assert.equal((await statuses())[0]!.state, 'running');
  // The same by one who may.
  viewer!.press('pause');
  await state(page, 'Paused');
  viewer!.press('resume');
  await state(page, 'Running');
  for (const each of [intruder, viewer]) each!.close();
});

test('Pause stops the steps, Save writes a checkpoint', { skip }, async () => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await state(page, 'Paused');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved at step').waitFor();
  assert.ok(readdirSync(join(runtime.userDir, 'training')).some((file) => file.endsWith('.safetensors')));
});

test('images a second are frames, not sequences', { skip }, async () => {
  const [{ batch, frames }] = await statuses();
  assert.ok(batch === 4 && frames! >= 2, `${batch} × ${frames}`);
  const figure = async (tile: string) => Number(/\n([\d.]+)/.exec(await tileOf(tile))![1]);
  const [speed, images] = [await figure('Speed'), await figure('Images')];
  assert.ok(Math.abs(images / (speed * batch! * frames!) - 1) < 0.02, `${speed} steps/s, ${images} images/s`);
});

test('smoothing bends the curve', { skip }, async () => {
  const smoothing = page.getByRole('slider', { name: 'Smoothing' });
  await smoothing.focus();
  const seen = new Set<string>();
  for (const key of ['Home', 'End']) {
    await page.keyboard.press(key);
    await until('the chart is drawn anew', async () => !seen.has(await pixels('Content')));
    seen.add(await whatStays(() => pixels('Content')));
  }
  assert.equal(seen.size, 2);
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
  // The Dashboard reloads open pages by itself once Node-RED is back: one that is closed amidst that may hang.
  await page.close();
  await runtime.end('SIGKILL');
  await runtime.start();
  page = await open('light');
  await state(page, 'Interrupted');
  assert.equal(await stepOf(page, 'Content'), step);
  await page.getByRole('img', { name: /^Frames at step/ }).waitFor();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
});

/** How much of a chart has a colour, pixels. */
const drawnIn = (chart: string, colour: readonly [number, number, number]): Promise<number> =>
  page
    .locator('.mm-chart', { hasText: chart })
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement, [r, g, b]) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        const far = Math.abs(data[i]! - r) + Math.abs(data[i + 1]! - g) + Math.abs(data[i + 2]! - b);
        if (data[i + 3]! > 200 && far < 12) count++;
      }
      return count;
    }, colour);

test('a second run is drawn over the first one when it is ticked', { skip }, async () => {
  const [blue, orange] = [[0x17, 0x68, 0xc9] as const, [0xc2, 0x41, 0x0c] as const];
  await page.getByRole('button', { name: 'Start' }).click();
  await state(page, 'Running');
  const earlier = page.locator('.mm-runs input').nth(1);
  await earlier.waitFor();
  await until('the new run has a curve', async () => (await drawnIn('Content', blue)) > 0);
  // The run that was looked at stays; a page that is opened anew begins with the newest alone.
  assert.ok(await earlier.isChecked());
  await page.reload();
  await until('the newest is drawn', async () => (await drawnIn('Content', blue)) > 0);
  assert.ok(!(await earlier.isChecked()));
  assert.equal(await drawnIn('Content', orange), 0);
  await earlier.check();
  await until(
    'both are drawn',
    async () => (await drawnIn('Content', orange)) > 0 && (await drawnIn('Content', blue)) > 0,
  );
  await page.locator('.mm-runs input').nth(0).uncheck();
  await until('the earlier one is drawn alone, in the first colour', async () => {
    return (await drawnIn('Content', orange)) === 0 && (await drawnIn('Content', blue)) > 0;
  });
  await page.getByRole('button', { name: 'Stop' }).click();
});

test('no picture was in a message', { skip }, () => {
  const all = messages.flat();
  assert.ok(all.length > 10, `${all.length} messages`);
  assert.deepEqual(withMedia(all), []);
  assert.deepEqual(errors, []);
});
