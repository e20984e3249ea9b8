/** A clip that is opened in the gallery: its photo laid over it, its recipe, its neighbours; in real Chromium. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { OTHER_PHOTO, PHOTO } from '../runtime/support/flow.ts';
import { type FlowNode, ROOT } from '../runtime/support/runtime.ts';
import { openBrowser, skip } from './browser.ts';
import { DashboardRuntime, seriousFindings } from './dashboard-support.ts';

let runtime: DashboardRuntime;
let browser: Browser;
let page: Page;
const errors: string[] = [];

before(async () => {
  if (skip) return;
  const example = JSON.parse(readFileSync(join(ROOT, 'examples', '06 Photo booth.json'), 'utf8')) as FlowNode[];
  // No wire to the gallery: the hot folder's own routes tell all there is to know.
  const flow = example.map((node) => {
    if (node.type === 'manga-stylize')
      return { ...node, size: '256', frames: '8', motion: 'pan', seed: '7', ink: 'sepia' };
    const wires = (node.wires as string[][] | undefined)?.map((to) =>
      to.filter((id) => example.find((each) => each.id === id)?.type !== 'ui-manga-gallery'),
    );
    return wires ? { ...node, wires } : node;
  });
  runtime = await DashboardRuntime.start();
  const inbox = join(runtime.userDir, 'booth', 'in');
  mkdirSync(inbox, { recursive: true });
  await runtime.deploy(flow as FlowNode[]);
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => errors.push(String(error)));
  // As on a page that came over plain http.
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await page.goto(`${runtime.url}/dashboard/booth`);
  for (const [name, photo] of [
    ['boats.jpg', PHOTO],
    ['flower.jpg', OTHER_PHOTO],
  ] as const) {
    copyFileSync(photo, join(inbox, name));
    await page.locator('.mm-card[data-state="done"]', { hasText: name }).waitFor();
  }
});
after(async () => {
  await browser?.close();
  await runtime?.close();
});

const slider = () => page.getByRole('slider', { name: 'Before and after' });
const video = () => page.locator('.mm-stage video');
const playback = () =>
  video().evaluate(({ paused, currentTime, duration }: HTMLVideoElement) => ({
    paused,
    share: currentTime / duration,
  }));

test('it opens playing; the recipe comes from the sidecar, without a wire', { skip }, async () => {
  await page.getByRole('button', { name: 'Open boats.jpg' }).click();
  await page.waitForFunction(() => !document.querySelector<HTMLVideoElement>('.mm-stage video')!.paused);
  const recipe = page.locator('.mm-recipe');
  await recipe.getByText('Seed').waitFor();
  const text = await recipe.innerText();
  for (const row of [
    /Model\s+ink/,
    /Motion\s+pan/,
    /Seed\s+7/,
    /Ink\s+sepia/,
    /Detail\s+1\.5/,
    /Version\s+\d+\.\d+\.\d+/,
  ]) {
    assert.match(text, row);
  }
  assert.match(text, /8 frames, 12 per second, mp4/);
});

test('without a clipboard of its own the page copies the recipe all the same', { skip }, async () => {
  await page.getByRole('button', { name: 'Copy as JSON' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  await page.evaluate(() => {
    const field = document.createElement('textarea');
    field.id = 'pasted';
    document.querySelector('dialog')!.append(field);
    field.focus();
  });
  await page.keyboard.press('Control+V');
  const pasted = JSON.parse(await page.locator('#pasted').inputValue()) as {
    name: string;
    model: string;
    settings: Record<string, string>;
  };
  await page.evaluate(() => document.getElementById('pasted')!.remove());
  assert.deepEqual([pasted.name, pasted.model, pasted.settings.motion], ['boats.jpg', 'ink', 'pan']);
  assert.ok(!JSON.stringify(pasted).includes(runtime.userDir));
});

test('dragged on the picture, the divider stands still with the clip; back at the edge it plays', {
  skip,
}, async () => {
  const box = (await page.locator('.mm-stage').boundingBox())!;
  const at = (share: number): [number, number] => [box.x + share * box.width, box.y + box.height / 2];
  await page.mouse.move(...at(0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.6), { steps: 4 });
  await page.mouse.up();
  assert.equal(await slider().inputValue(), '60');
  await page.waitForFunction(() => document.querySelector<HTMLVideoElement>('.mm-stage video')!.paused);
  const { share } = await playback();
  // The middle of a frame, and a pan's middle at that: there it shows the picture unmoved.
  assert.ok(Math.abs(share * 8 - Math.floor(share * 8) - 0.5) < 0.1, `${share}`);
  assert.ok(share > 0.2 && share < 0.8, `${share}`);
  // Moved without a button pressed, it stays.
  await page.mouse.move(...at(0.1));
  assert.equal(await slider().inputValue(), '60');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForFunction(() => !document.querySelector<HTMLVideoElement>('.mm-stage video')!.paused);
  assert.equal(await slider().inputValue(), '0');
});

/** How well edges of two pictures of the same size lie on each other when one is shifted, 0..1. */
function agreement(a: Float64Array, b: Float64Array, width: number, dx: number, dy: number): number {
  const height = a.length / width;
  const margin = 12;
  let [sum, squareA, squareB] = [0, 0, 0];
  for (let y = margin; y < height - margin; y++) {
    for (let x = margin; x < width - margin; x++) {
      const one = a[y * width + x]!;
      const other = b[(y + dy) * width + x + dx]!;
      sum += one * other;
      squareA += one * one;
      squareB += other * other;
    }
  }
  return sum / Math.sqrt(squareA * squareB);
}

/** Strength of edges, blurred a little, of what the stage shows. */
async function edges(width: number): Promise<Float64Array> {
  const shot = await page.locator('.mm-stage').screenshot();
  const { data, info } = await sharp(shot)
    .resize({ width })
    .greyscale()
    .blur(1.5)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const strength = new Float64Array(info.width * info.height);
  for (let y = 1; y < info.height - 1; y++) {
    for (let x = 1; x < info.width - 1; x++) {
      const i = y * info.width + x;
      strength[i] = Math.hypot(data[i + 1]! - data[i - 1]!, data[i + info.width]! - data[i - info.width]!);
    }
  }
  const mean = strength.reduce((sum, value) => sum + value, 0) / strength.length;
  return strength.map((value) => value - mean);
}

test('photo and clip lie on each other, and the photo is sharp', { skip }, async (t) => {
  const width = 200;
  await slider().focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => {
    const photo = document.querySelector<HTMLImageElement>('.mm-before img')!;
    return photo.complete && photo.naturalWidth > 600 && /rotate/.test(photo.style.transform);
  });
  const hide = (hidden: boolean) =>
    page.locator('.mm-divider').evaluate((line, off) => {
      (line as HTMLElement).style.visibility = off ? 'hidden' : '';
    }, hidden);
  await hide(true);
  const photo = await edges(width);
  // Laid over it whole, as it would be without the camera's part of it.
  const still = await page.locator('.mm-before img').evaluate((img: HTMLImageElement) => {
    const { cssText } = img.style;
    img.style.cssText = '';
    return cssText;
  });
  const whole = await edges(width);
  await page.locator('.mm-before img').evaluate((img: HTMLImageElement, css) => {
    img.style.cssText = css;
  }, still);
  // All but a sliver of the clip, which stands at the same frame.
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => {
    const { paused, seeking } = document.querySelector<HTMLVideoElement>('.mm-stage video')!;
    return paused && !seeking;
  });
  const clip = await edges(width);
  await hide(false);
  let best = { value: -1, dx: 0, dy: 0 };
  for (let dy = -10; dy <= 10; dy++) {
    for (let dx = -10; dx <= 10; dx++) {
      const value = agreement(photo, clip, width, dx, dy);
      if (value > best.value) best = { value, dx, dy };
    }
  }
  t.diagnostic(
    `best ${best.value.toFixed(3)} at ${best.dx}, ${best.dy}; in place ${agreement(photo, clip, width, 0, 0).toFixed(3)}`,
  );
  assert.ok(Math.hypot(best.dx, best.dy) <= 1.5, `shifted by ${best.dx}, ${best.dy} of ${width}`);
  assert.ok(best.value > 0.3, `${best.value}`);
  assert.ok(agreement(whole, clip, width, 0, 0) < best.value / 2, 'the photo as it is does not fit');
});

test('arrow keys go to the next clip, not from the slider; axe finds nothing serious', { skip }, async () => {
  await slider().focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('dialog h2').innerText(), 'boats.jpg');
  await page.getByRole('button', { name: 'Close' }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.locator('dialog h2', { hasText: 'flower.jpg' }).waitFor();
  assert.equal(await slider().inputValue(), '0', 'each clip begins uncovered');
  await page.keyboard.press('ArrowRight');
  await page.locator('dialog h2', { hasText: 'boats.jpg' }).waitFor();
  assert.deepEqual(await seriousFindings(page, '.mm-gallery'), []);
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
});

test('photos and clips are asked for once: then browsers hear that theirs is right', { skip }, async () => {
  const base = `${runtime.url}/motion-manga/hot-folders`;
  const [folder] = (await (await fetch(base)).json()) as { node: string }[];
  const { jobs } = (await (await fetch(`${base}/${folder!.node}/jobs`)).json()) as {
    jobs: { photo: string; thumb: string; media: { url: string }[] }[];
  };
  const { photo, thumb, media } = jobs[0]!;
  for (const path of [photo, thumb, media[0]!.url]) {
    const first = await fetch(`${runtime.url}/${path}`);
    assert.equal(first.status, 200, path);
    const etag = first.headers.get('etag')!;
    assert.ok(etag, path);
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    const again = await fetch(`${runtime.url}/${path}`, { headers });
    assert.equal(again.status, 304, path);
    assert.equal((await again.arrayBuffer()).byteLength, 0);
  }
  // A photo larger than it is served is made smaller.
  const big = await sharp(PHOTO).resize(1800).jpeg().toBuffer();
  writeFileSync(join(runtime.userDir, 'booth', 'in', 'big.jpg'), big);
  await page.locator('.mm-card[data-state="done"]', { hasText: 'big.jpg' }).waitFor();
  const list = (await (await fetch(`${base}/${folder!.node}/jobs`)).json()) as {
    jobs: { name: string; photo: string }[];
  };
  const found = list.jobs.find(({ name }) => name === 'big.jpg')!;
  const bytes = Buffer.from(await (await fetch(`${runtime.url}/${found.photo}`)).arrayBuffer());
  const { format, width, height } = await sharp(bytes).metadata();
  assert.deepEqual([format, Math.max(width, height)], ['webp', 1024]);
  assert.deepEqual(errors, []);
});
