import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { writeClip } from '../../lib/media/write-clip.ts';
import { Random } from '../../lib/random.ts';
import { outputSchema } from '../../lib/settings/settings.ts';
import { ffmpegChildren, noFfmpeg, testClip } from './media-support.ts';
import { smallDisk } from './small-disk.ts';

test('a full disk: its own error, nothing left, the next clip works', async (t) => {
  const made = smallDisk(t, 64);
  if ('unavailable' in made) return t.skip(made.unavailable);
  const { disk } = made;
  // Noise: it stays large whatever the encoder.
  const random = new Random(1);
  const noise = Uint8Array.from({ length: 4 * 240 * 320 }, () => random.int(256));
  const large = { ...testClip([24, 240, 320, 1]), render: async () => noise };
  const small = testClip([2, 16, 16, 1]);
  for (const [format, encoder] of [
    ['mp4', 'built-in'],
    ['mp4', 'ffmpeg'],
    ['webm', 'ffmpeg'],
    ['gif', 'auto'],
    ['webp', 'auto'],
    ['png', 'auto'],
  ] as const) {
    if (encoder === 'ffmpeg' && noFfmpeg) continue;
    const output = outputSchema.parse({ path: path.join(disk, `clip.${format}`), format, encoder });
    await assert.rejects(writeClip(large, output), { code: 'IO', message: /disk is full\. Free some space/ }, format);
    assert.deepEqual(readdirSync(disk), [], `${format} left something`);
    assert.deepEqual(ffmpegChildren(), []);
    // The last kilobytes are the treacherous ones: everything fits but the end of the file.
    await writeClip(small, output);
    execFileSync('rm', ['-r', output.path]);
  }
});

test('a disk that is full but for the end of the file', { skip: noFfmpeg }, async (t) => {
  const made = smallDisk(t, 256);
  if ('unavailable' in made) return t.skip(made.unavailable);
  const { disk } = made;
  const clip = testClip([8, 96, 160, 1]);
  const output = outputSchema.parse({ path: path.join(disk, 'clip.mp4'), encoder: 'ffmpeg' });
  const { bytes } = await writeClip(clip, output);
  execFileSync('rm', [output.path]);
  // Leaves 4, 8, ... kB free, from next to nothing to more than enough: whole clips or errors, nothing between.
  const outcomes = new Set<string>();
  for (let free = 4; free * 1024 < bytes * 2.5; free += 4) {
    writeFileSync(path.join(disk, 'ballast'), Buffer.alloc((256 - free) * 1024));
    try {
      assert.equal((await writeClip(clip, output)).bytes, bytes);
      execFileSync('rm', [output.path]);
      outcomes.add('whole');
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'IO', String(error));
      outcomes.add('error');
    }
    assert.deepEqual(readdirSync(disk), ['ballast'], `${free} kB free`);
  }
  assert.deepEqual([...outcomes], ['error', 'whole']);
});
