/** Pictures of the dashboard's widgets: a photo booth with clips, a training that runs; light, dark and on a phone. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { RunStatus } from '../../dashboard/lib/monitor/types.ts';
import { type DashboardRuntime, pages } from '../../tests/browser/dashboard-support.ts';
import { type FlowNode, ROOT } from '../../tests/runtime/support/runtime.ts';
import { smallTraining } from '../../tests/runtime/support/training-run.ts';
import { save } from './save.ts';

const PHOTOS = [
  ...['allium-oreophilum', 'march-pastoral', 'french-alpine-landscape'],
  ...['airplane-from-above', 'nagasaki-boats'],
];
const DARK = {
  surface: '#1b1f24',
  primary: '#4fb3e8',
  bgPage: '#121417',
  groupBg: '#1b1f24',
  groupOutline: '#2c323a',
};
const WIDE = { width: 1180, height: 820 };
const PHONE = { width: 390, height: 844 };
const LONGEST_MS = 600_000;

async function open(browser: Browser, url: string, viewport = WIDE): Promise<Page> {
  const page = await browser.newPage({ viewport, locale: 'en-US' });
  page.setDefaultTimeout(LONGEST_MS);
  await page.goto(url);
  return page;
}

/** The page as long as it is. Dashboard scrolls inside the window, so the window is made as high. */
async function whole(page: Page): Promise<Buffer> {
  const { width } = page.viewportSize()!;
  const height = await page.evaluate(() => {
    const main = document.querySelector('main')!;
    const inside = [main, ...main.querySelectorAll('*')].map((part) => part.getBoundingClientRect().bottom);
    return Math.ceil(Math.max(...inside));
  });
  await page.setViewportSize({ width, height: height + 12 });
  // Charts follow the width after the layout.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return page.screenshot();
}

export async function shootGallery(runtime: DashboardRuntime, browser: Browser): Promise<void> {
  const file = join(ROOT, 'flows', '06 Photo booth.json');
  const flow = JSON.parse(readFileSync(file, 'utf8')) as FlowNode[];
  const url = `${runtime.url}/dashboard/booth`;
  const inbox = join(runtime.userDir, 'booth', 'in');
  mkdirSync(inbox, { recursive: true });
  await runtime.deploy(flow);
  const page = await open(browser, url);
  const done = page.locator('.mm-card[data-state="done"] video');
  for (const [index, name] of PHOTOS.entries()) {
    const photo = join(ROOT, 'node_modules', '@stdlib', `datasets-img-${name}`, 'data', 'image.jpg');
    copyFileSync(photo, join(inbox, `${name}.jpg`));
    await done.nth(index).waitFor();
  }
  writeFileSync(join(inbox, 'notes.jpg'), 'no picture');
  await page.locator('.mm-card[data-state="failed"]').waitFor();
  const videos = (of: Page) =>
    of.waitForFunction(() => [...document.querySelectorAll('video')].every((video) => video.readyState >= 2));
  await videos(page);
  await save('dashboard-gallery', await whole(page));
  await page.getByRole('button', { name: 'Open nagasaki-boats.jpg' }).click();
  await page.getByRole('slider', { name: 'Before and after' }).fill('50');
  await videos(page);
  await page.setViewportSize(WIDE);
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.mm-before img')?.complete);
  await sleep(1000);
  await save('dashboard-gallery-clip', await page.screenshot());
  await page.close();
  const phone = await open(browser, url, PHONE);
  await phone.locator('.mm-card').nth(PHOTOS.length).waitFor();
  await videos(phone);
  await save('dashboard-gallery-phone', await whole(phone));
  await phone.close();
  await runtime.deploy(flow.map((node) => (node.type === 'ui-theme' ? { ...node, colors: DARK } : node)));
  const dark = await open(browser, url);
  await dark.locator('.mm-card').nth(PHOTOS.length).waitFor();
  await videos(dark);
  await save('dashboard-gallery-dark', await whole(dark));
  await dark.close();
}

/** Trains until a step is reached. @returns once the monitor has it */
async function train(runtime: DashboardRuntime, out: string, until: number): Promise<() => Promise<void>> {
  const training = smallTraining({
    'manga-dataset': { side: '64', frames: '4' },
    'manga-tcn-decoder': { trainSide: '64', trainFrames: '4' },
    'manga-discriminator': { channels: '32' },
    'manga-trainer': { out, steps: '200', sampleEvery: '20', batch: '4', microBatch: '4' },
  });
  const monitor = (id: string): FlowNode =>
    ({
      id,
      type: 'ui-manga-monitor',
      z: 'm',
      name: '',
      order: 1,
      width: '12',
      height: '',
      x: 0,
      y: 0,
      wires: [[]],
    }) as FlowNode;
  const flow = training.flow.map((node) =>
    node.id === training.trainer ? { ...node, wires: [['light', 'dark'], [], []] } : node,
  );
  await runtime.deploy([
    ...flow,
    { id: 'm', type: 'tab', label: 'm' },
    ...pages([monitor('light')], [monitor('dark')]),
  ]);
  const press = async (name: string): Promise<void> => {
    await fetch(`${runtime.url}/inject/${flow.find((node) => node.name === name)!.id}`, { method: 'POST' });
  };
  const runs = `${runtime.url}/motion-manga/monitor/light/runs`;
  for (const end = Date.now() + LONGEST_MS; ; await sleep(2000)) {
    const answer = await fetch(runs);
    // Not found until the widget is there.
    const newest = answer.ok ? ((await answer.json()) as RunStatus[]).at(-1) : undefined;
    if (newest?.name === out && newest.step >= until) break;
    // The trainer can start once its plan has come along the wires.
    if (newest?.name !== out) await press('start');
    if (newest?.state === 'failed' || Date.now() > end)
      throw new Error(newest?.problem ?? `${until} steps take too long.`);
  }
  return () => press('stop');
}

export async function shootMonitor(runtime: DashboardRuntime, browser: Browser): Promise<void> {
  const stopFirst = await train(runtime, 'first-try', 90);
  await stopFirst();
  const stop = await train(runtime, 'training', 160);
  const both = async (page: Page): Promise<Page> => {
    await page.locator('.mm-runs input').nth(1).check();
    await page.locator('.mm-chart canvas').nth(8).waitFor();
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('.mm-strip')?.complete);
    return page;
  };
  const url = `${runtime.url}/dashboard`;
  const light = await both(await open(browser, `${url}/light`));
  await save('dashboard-monitor', await whole(light));
  const dark = await both(await open(browser, `${url}/dark`));
  await save('dashboard-monitor-dark', await whole(dark));
  const phone = await both(await open(browser, `${url}/light`, PHONE));
  await save('dashboard-monitor-phone', await whole(phone));
  await stop();
  for (const page of [light, dark, phone]) await page.close();
}
