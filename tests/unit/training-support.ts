import assert from 'node:assert/strict';
import test from 'node:test';
import { loadTensorflow, type Tfjs } from '../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';

/** Registers tests that need TensorFlow, or one skipped test that says what is missing. */
export async function withTensorflow(register: (tf: Tfjs) => void): Promise<void> {
  let tf: Tfjs;
  try {
    ({ tf } = await loadTensorflow());
  } catch (error) {
    if (!(error instanceof MangaError) || error.code !== 'ENGINE_MISSING') throw error;
    test('all of this file', { skip: error.message });
    return;
  }
  register(tf);
}

/** Runs an action and fails when it leaves tensors behind. */
export async function withoutLeak<R>(tf: Tfjs, action: () => R | Promise<R>): Promise<R> {
  const before = tf.memory().numTensors;
  const result = await action();
  assert.equal(tf.memory().numTensors, before, 'tensors are left');
  return result;
}
