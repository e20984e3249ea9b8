/** What nodes tell of progress and of the time that is left. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { errorStatus } from '../../nodes/localized-error.ts';
import { Pace } from '../../nodes/pace.ts';
import type { Red } from '../../nodes/red.ts';
import { countText, duration, statusText } from '../../nodes/status-words.ts';

/** The catalog as Node-RED reads it. */
function speaking(language: string): Red {
  const file = join(import.meta.dirname, '../../nodes/session/locales', language, 'session.json');
  const catalog = JSON.parse(readFileSync(file, 'utf8')) as unknown;
  const _: Red['_'] = (key, values = {}) => {
    const path = key.replace('@motion-manga/node-red/manga-session:', '').split('.');
    const text = path.reduce((at, part) => (at as Record<string, unknown>)[part], catalog) as string;
    return text.replace(/__(\w+?)__/g, (_whole, name: string) => String(values[name]));
  };
  return { _ } as Red;
}
const RED = speaking('en-US');

test('no speed before it is known, then what is left of the count at that speed', () => {
  const pace = new Pace();
  assert.equal(pace.secondsLeft(24), undefined);
  pace.reach(0, 0);
  pace.reach(2, 4000);
  assert.equal(pace.secondsLeft(24), undefined, 'the first advance has the start in it');
  pace.reach(4, 5000);
  assert.equal(pace.perSecond, 2);
  assert.equal(pace.secondsLeft(24), 10);
  pace.reach(4, 9000);
  assert.equal(pace.secondsLeft(24), 10, 'nothing new was counted');
  assert.equal(pace.secondsLeft(3), 0);
});

test('the speed is a moving average: a slow moment counts, and is forgotten', () => {
  const pace = new Pace();
  let now = 0;
  let count = 0;
  const go = (steps: number, ms: number): void => {
    for (let i = 0; i < steps; i++) {
      now += ms;
      pace.reach(++count, now);
    }
  };
  pace.reach(0, 0);
  go(20, 250);
  assert.ok(Math.abs(pace.perSecond! - 4) < 1e-9);
  go(1, 2000);
  const slowed = pace.perSecond!;
  assert.ok(slowed > 2 && slowed < 4, `${slowed}`);
  go(200, 250);
  assert.ok(Math.abs(pace.perSecond! - 4) < 0.02, `${pace.perSecond}`);
  go(1, 3_600_000);
  assert.ok(pace.perSecond! > 1.9, 'one advance counts half at most');
});

test('what begins anew, or after a rest, is measured anew', () => {
  const pace = new Pace();
  for (const [count, ms] of [
    [0, 0],
    [5, 1000],
    [10, 2000],
  ] as const)
    pace.reach(count, ms);
  assert.equal(pace.secondsLeft(20), 2);
  pace.reach(1, 2500);
  assert.equal(pace.secondsLeft(20), undefined);
  pace.reach(2, 3500);
  pace.reach(3, 4500);
  assert.equal(pace.secondsLeft(20), 17);
  pace.rest();
  assert.equal(pace.secondsLeft(20), undefined);
  pace.reach(3, 90_000);
  pace.reach(4, 91_000);
  pace.reach(6, 92_000);
  assert.equal(pace.perSecond, 2);
});

test('durations are short to read', () => {
  const words: [number, string][] = [
    [0, '0 s'],
    [0.42, '0.4 s'],
    [3, '3 s'],
    [59.6, '1 min'],
    [75, '1 min 15 s'],
    [480, '8 min'],
    [599.6, '10 min'],
    [754, '13 min'],
    [3600, '1 h'],
    [3900, '1 h 5 min'],
    [90_000, '1 d 1 h'],
  ];
  for (const [seconds, text] of words) assert.equal(duration(RED, seconds), text);
});

test('a status says what is known, in the language of the runtime', () => {
  const text = countText(RED, 'frame', 12, 24);
  assert.equal(statusText(RED, { text }), 'frame 12/24');
  assert.equal(statusText(RED, { text, secondsLeft: 2.2, waiting: 2 }), 'frame 12/24 · 3 s left · 2 wait');
  const steps = countText(RED, 'step', 120, 2000);
  assert.equal(
    statusText(RED, { text: steps, stepsPerSecond: 4.02, secondsLeft: 470 }),
    'step 120/2000 · 4 steps/s · 7 min 50 s left',
  );
  assert.equal(statusText(RED, { text: '512×384', tookSeconds: 0.71 }), '512×384 · 0.7 s');
  assert.equal(statusText(RED, { text: 'wired', tookSeconds: 0.004 }), 'wired');
  assert.equal(statusText(speaking('ja'), { text, secondsLeft: 3 }), 'frame 12/24 · 残り 3 秒');
});

test('a node that failed shows the heading of the code, in every language', () => {
  const error = new MangaError('MODEL_MISSING', 'There is no model in /a.');
  assert.equal(errorStatus(RED, error).text, 'Model not found');
  assert.equal(errorStatus(speaking('zh-CN'), error).text, '找不到模型');
  assert.equal(errorStatus(RED, new Error('no such thing')).text, 'Unexpected error');
});
