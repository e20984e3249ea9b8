import assert from 'node:assert/strict';
import test from 'node:test';
import { sessionSchema } from '../../lib/session/options.ts';
import { parseSettings } from '../../lib/settings/settings.ts';

test('defaults', () => {
  assert.deepEqual(parseSettings(sessionSchema, {}), {
    ...{ id: 'cli', engine: 'auto', memoryMb: 2048, idleSeconds: 30, maxQueued: 64, model: '' },
  });
});

test('numbers come as text from forms', () => {
  const options = parseSettings(sessionSchema, { memoryMb: '512', idleSeconds: '5', maxQueued: '8' });
  assert.deepEqual([options.memoryMb, options.idleSeconds, options.maxQueued], [512, 5, 8]);
});

test('wrong settings name the field', () => {
  for (const wrong of [{ memoryMb: 0 }, { idleSeconds: -1 }, { maxQueued: 1.5 }, { engine: 'cuda' }, { id: '' }])
    assert.throws(() => parseSettings(sessionSchema, wrong), {
      code: 'BAD_SETTING',
      message: new RegExp(Object.keys(wrong)[0]!),
    });
});
