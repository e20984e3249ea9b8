/** Pictures are made beside the flow: whoever looks at once must not hear that there is none. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import test from 'node:test';
import type { Handle, Session } from '../../lib/session/types.ts';
import { lastPictureOf, openLastPicture } from '../../nodes/common/last-picture.ts';
import { inRhythm } from '../../nodes/common/rhythm.ts';
import type { Node } from '../../nodes/red.ts';

test('settled waits for what is worked on, also when it fails, and for nothing else', async () => {
  const ends: ((failed?: Error) => void)[] = [];
  const seen: number[] = [];
  const rhythm = inRhythm<number>((value) => {
    seen.push(value);
    return new Promise((resolve, reject) => ends.push((failed) => (failed ? reject(failed) : resolve())));
  });
  await rhythm.settled();
  rhythm.next(1);
  let over = false;
  const settled = rhythm.settled().then(() => {
    over = true;
  });
  await new Promise(setImmediate);
  assert.equal(over, false);
  ends[0]!(new Error('no'));
  await settled;
  assert.deepEqual(seen, [1]);
  rhythm.close();
});

test('a picture that is still being noted is waited for', async () => {
  const node = Object.assign(new EventEmitter(), { id: 'drawer' }) as unknown as Node;
  const photo = new Uint8Array([1, 2, 3]);
  let noted = (): void => {};
  const session = {
    origin: () => new Promise((resolve) => (noted = () => resolve({ photo, model: 'ink' }))),
  } as unknown as Session;
  assert.equal(await lastPictureOf('drawer'), undefined);
  openLastPicture(node)({ session, content: { session: 's' } as Handle });
  const asked = lastPictureOf('drawer');
  noted();
  assert.deepEqual(await asked, { photo, model: 'ink', session: 's', style: undefined, styleStrength: 1 });
});
