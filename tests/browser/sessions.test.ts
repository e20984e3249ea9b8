/** The sidebar 'Manga sessions' in a real browser: what runs, freeing, restarting, and who may. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { node, PHOTO, session } from '../runtime/support/flow.ts';
import { type FlowNode, Runtime } from '../runtime/support/runtime.ts';
import { openBrowser, skip } from './browser.ts';

declare const RED: {
  actions: { invoke(name: string): void };
  sidebar: { show(id: string): void };
};

const at = (x: number, y: number, flowNode: FlowNode): FlowNode => ({ ...flowNode, x, y });
const FLOW: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Sessions' },
  session('session', { name: 'Drawing studio', idleSeconds: '600' }),
  session('broken', { name: 'Without a model', engine: 'onnx', model: '/models/lost' }),
  at(160, 140, node('image', 'manga-image', ['encoder'])),
  at(340, 140, node('encoder', 'manga-encoder', ['sink'])),
  at(160, 380, node('other', 'manga-image', ['other encoder'], { session: 'broken' })),
  at(340, 380, node('other encoder', 'manga-encoder', [], { session: 'broken' })),
  at(540, 140, node('sink', 'debug', [], { active: false, tosidebar: false })),
];

let runtime: Runtime;
let browser: Browser;
let page: Page;
const errors: string[] = [];
const asked: string[] = [];

before(async () => {
  if (skip) return;
  runtime = await Runtime.start();
  await runtime.deploy(FLOW);
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1100, height: 860 } });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => request.url().endsWith('/motion-manga/sessions') && asked.push(request.url()));
  await page.goto(runtime.url);
  await page.locator('[id="image"]').waitFor();
});
after(async () => {
  await browser?.close();
  await runtime?.stop();
});

const card = (id: string) => page.locator(`.manga-session-card[data-session="${id}"]`);
const row = (id: string, name: string) => card(id).locator(`dd[data-row="${name}"]`);
/** Waits until a row reads like this. */
const reads = (id: string, name: string, words: RegExp) =>
  row(id, name).filter({ hasText: words }).waitFor({ timeout: 60_000 });

test('nothing is asked before the sidebar is looked at', { skip }, async () => {
  assert.deepEqual(asked, []);
  await page.evaluate(() => RED.actions.invoke('motion-manga:show-sessions'));
  await card('session').waitFor();
  assert.match((await row('session', 'engine').textContent())!, /not running/);
});

test('a session at work shows engine, memory, pictures and uptime; one that fails says why', { skip }, async () => {
  runtime.send('image', { payload: PHOTO });
  runtime.send('other', { payload: PHOTO });
  await runtime.message('sink');
  await reads('session', 'engine', /ONNX Runtime/);
  await reads('session', 'pictures', /^1 in memory, handles: 2/);
  await reads('session', 'memory', /[1-9]\d* of 2,048 MB/);
  await reads('session', 'starts', /^1 ×, crashes: 0/);
  await reads('session', 'uptime', /\d+ s/);
  await reads('session', 'chosen', /automatic/);
  await reads('broken', 'engine', /models.lost/);
  assert.equal(await card('broken').locator('h3 span').textContent(), 'failed');
});

test('idle jobs are freed by the button, reached by keyboard', { skip }, async () => {
  const button = card('session').locator('[data-action="release"]');
  // Two seconds after its last use a picture is idle.
  const end = Date.now() + 60_000;
  while ((await row('session', 'pictures').textContent()) !== '0 in memory, handles: 0') {
    assert.ok(Date.now() < end, 'the picture was not freed');
    await button.focus();
    const answered = page.waitForResponse((response) => response.url().endsWith('/release'));
    await page.keyboard.press('Enter');
    await answered;
    await page.waitForResponse((response) => response.url().endsWith('/motion-manga/sessions'));
  }
  // What is shown anew each second takes the focus from nobody.
  assert.ok(await button.evaluate((element) => element === document.activeElement));
});

test('a restart is asked for, and begins a new process', { skip }, async () => {
  await card('session').locator('[data-action="restart"]').click();
  const box = page.locator('.red-ui-notification').filter({ hasText: 'Drawing studio' });
  await box.locator('button').first().click();
  await box.waitFor({ state: 'detached' });
  await reads('session', 'starts', /^1 ×/);
  await card('session').locator('[data-action="restart"]').click();
  await box.locator('button.primary').click();
  await reads('session', 'starts', /^2 ×, crashes: 0/);
  await reads('session', 'engine', /ONNX Runtime/);
});

test('another tab of the sidebar, and nothing is asked any more', { skip }, async () => {
  await page.evaluate(() => RED.sidebar.show('info'));
  await card('session').waitFor({ state: 'hidden' });
  await page.waitForLoadState('networkidle');
  const before = asked.length;
  // Two of its seconds.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2200)));
  assert.equal(asked.length, before);
  assert.deepEqual(errors, []);
});
