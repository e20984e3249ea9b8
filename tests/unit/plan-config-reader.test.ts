import assert from 'node:assert/strict';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { CHAIN, planOf } from './plan-support.ts';

test('a typing error in a field of JSON names node and field', async () => {
  const broken = planOf(CHAIN, { dataset: { name: 'my photos', photos: '["a", "b"', photosType: 'json' } });
  await assert.rejects(broken, (error) => {
    assert.ok(error instanceof MangaError && error.code === 'BAD_SETTING', `${error}`);
    assert.match(error.message, /^my photos: photos is no JSON: .+ Open the node and correct it\.$/);
    return true;
  });
});
