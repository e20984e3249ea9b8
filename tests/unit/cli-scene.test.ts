import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { motionManga, writePhoto, writeRandomModel } from './cli-support.ts';
import { temporaryFolder } from './media-support.ts';

test('motion-manga scene: photos and a style page become one clip', async (t) => {
  const folder = await temporaryFolder(t);
  const [first, second, page] = await Promise.all(
    ['a.jpg', 'b.jpg', 'page.png'].map((name) => writePhoto(join(folder, name))),
  );
  const model = await writeRandomModel(join(folder, 'model'));
  const out = join(folder, 'story.gif');
  const options = ['--out', out, '--size', '64x48', '--frames', '4', '--style', page!, '--model', model, '--json'];
  const { code, stdout, stderr } = await motionManga(['scene', first!, second!, ...options]).ended;
  assert.equal(code, 0, stderr);
  const { inputs, width, height, frames } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([inputs, width, height], [[first, second], 64, 48]);
  assert.ok(Number(frames) > 4 && existsSync(out));
});
