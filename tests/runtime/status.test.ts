/** The statuses that a real Node-RED sends to its editors while nodes work. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { around, node, PHOTO } from './support/flow.ts';
import { Runtime } from './support/runtime.ts';

interface StatusEvent {
  readonly id: string;
  readonly status: { readonly text?: string; readonly fill?: string };
}

let runtime: Runtime;
const told: (StatusEvent & { readonly ms: number })[] = [];
before(async () => {
  runtime = await Runtime.start();
  runtime.red.events.on('node-status', (event: StatusEvent) => void told.push({ ...event, ms: performance.now() }));
});
after(() => runtime.stop());

/** The first status of a node that reads like this, told already or yet to come. */
async function reads(id: string, words: RegExp): Promise<string> {
  const fits = (event: StatusEvent): boolean => event.id === id && words.test(event.status.text ?? '');
  const found = told.find(fits);
  if (found) return found.status.text!;
  return new Promise((resolve) => {
    runtime.red.events.on('node-status', (event: StatusEvent) => fits(event) && resolve(event.status.text!));
  });
}

test('a clip tells its frames, what is left, what waits and how long it took', { timeout: 180_000 }, async () => {
  await runtime.deploy(
    around(
      node('stylize', 'manga-stylize', ['clip'], { frames: '360', size: '512' }),
      node('clip', 'manga-clip', ['sink'], { folder: 'out', folderType: 'str', format: 'mp4' }),
      node('busy', 'manga-stylize'),
    ),
  );
  told.length = 0;
  for (let i = 0; i < 3; i++) runtime.send('busy', { payload: PHOTO });
  await reads('busy', /^drawing · 2 wait$/);
  await reads('busy', /^4 × /);
  runtime.send('stylize', { payload: PHOTO });
  await runtime.message('sink', 150_000);
  const frames = told.filter(({ id, status }) => id === 'clip' && /^frame \d+\/360/.test(status.text ?? ''));
  const texts = frames.map(({ status }) => status.text!);
  assert.ok(
    texts.some((text) => /^frame \d+\/360 · \d+( s| min).* left/.test(text)),
    texts.join(' | '),
  );
  assert.match(await reads('clip', /^360 × /), /^360 × \d+×\d+ mp4 · [\d.]+ (s|min)/);
  assert.match(await reads('stylize', /^360 × /), /^360 × \d+×\d+ · [\d.]+ (s|min)/);
  // The gap is counted where the editor's queue begins: a timer that fires late brings two closer together.
  for (const id of ['clip', 'stylize']) {
    const times = told.filter((event) => event.id === id).map(({ ms }) => ms);
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    assert.ok(times.length <= 2 * seconds + 2, `${id}: ${times.length} statuses in ${seconds} s`);
  }
});
