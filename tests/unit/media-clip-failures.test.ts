import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { writeClip } from '../../lib/media/write-clip.ts';
import { outputSchema } from '../../lib/settings/settings.ts';
import { decodeVideo, ffmpegChildren, noFfmpeg, psnr, temporaryFolder, testClip } from './media-support.ts';

const output = (file: string, more: object = {}) => outputSchema.parse({ path: file, ...more });
const grey = testClip([12, 96, 160, 1]);

const everyEncoder = [
  { format: 'mp4', encoder: 'built-in' },
  { format: 'mp4', encoder: 'ffmpeg' },
  { format: 'webm', encoder: 'ffmpeg' },
  { format: 'gif', encoder: 'auto' },
  { format: 'webp', encoder: 'auto' },
  { format: 'png', encoder: 'auto' },
] as const;

for (const { format, encoder } of everyEncoder) {
  const skip = encoder === 'ffmpeg' ? noFfmpeg : false;
  const label = `${format} by ${encoder}`;

  test(`abort leaves nothing: ${label}`, { skip }, async (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, `clip.${format}`);
    for (const at of [0, 4, 20]) {
      const abort = new AbortController();
      const frames = testClip([24, 480, 640, 1], 12, (first) => first === at && abort.abort());
      await assert.rejects(writeClip(frames, output(file, { format, encoder }), abort.signal), { code: 'CANCELLED' });
      assert.deepEqual(readdirSync(folder), []);
      assert.deepEqual(ffmpegChildren(), []);
    }
    const late = new AbortController();
    // After the last piece was rendered: the encoder is at its last frames.
    const frames = testClip([24, 480, 640, 1], 12, (first) => first === 20 && setImmediate(() => late.abort()));
    await assert.rejects(writeClip(frames, output(file, { format, encoder }), late.signal), { code: 'CANCELLED' });
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(ffmpegChildren(), []);
    await assert.rejects(writeClip(frames, output(file, { format, encoder }), AbortSignal.abort()), {
      code: 'CANCELLED',
    });
  });

  test(`a renderer that fails leaves nothing, and its own error: ${label}`, { skip }, async (t) => {
    const folder = temporaryFolder(t);
    const frames = testClip([12, 64, 64, 1], 12, (first) => {
      if (first === 8) throw new Error('no ink left');
    });
    const writing = writeClip(frames, output(path.join(folder, 'clip'), { format, encoder }));
    await assert.rejects(writing, { name: 'MangaError', message: /no ink left/ });
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(ffmpegChildren(), []);
  });

  test(`the output folder vanishes meanwhile: ${label}`, { skip }, async (t) => {
    const folder = path.join(temporaryFolder(t), 'out');
    const frames = testClip([12, 64, 64, 1], 12, (first) => first === 8 && rmSync(folder, { recursive: true }));
    const writing = writeClip(frames, output(path.join(folder, 'clip'), { format, encoder }));
    await assert.rejects(writing, { name: 'MangaError', code: 'IO' });
    assert(!existsSync(folder));
    assert.deepEqual(ffmpegChildren(), []);
  });
}

test('targets that cannot be', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, 'taken.mp4'));
  await assert.rejects(writeClip(grey, output(path.join(folder, 'taken.mp4'))), {
    code: 'IO',
    message: /"taken.mp4": it is a folder/,
  });
  writeFileSync(path.join(folder, 'file'), '');
  await assert.rejects(writeClip(grey, output(path.join(folder, 'file', 'clip.mp4'))), {
    code: 'IO',
    message: /"clip.mp4".*(not a folder|something else)/,
  });
  await assert.rejects(writeClip(grey, output(path.join(folder, 'file'), { format: 'png' })), { code: 'IO' });
  await assert.rejects(writeClip(grey, output(path.join(folder, `${'n'.repeat(300)}.gif`), { format: 'gif' })), {
    code: 'IO',
    message: /name is too long/,
  });
  const longest = path.join(folder, `${'é'.repeat(125)}.gif`);
  assert.equal((await writeClip(grey, output(longest, { format: 'gif' }))).path, longest);
});

test('parts that a killed process left are removed when the clip is made again', async (t) => {
  const folder = temporaryFolder(t);
  const longAgo = new Date(Date.now() - 7_200_000);
  for (const name of ['.clip.gif.0123abcd.part', '.clip.gif.notes.part', '.other.gif.0123abcd.part']) {
    writeFileSync(path.join(folder, name), '');
    utimesSync(path.join(folder, name), longAgo, longAgo);
  }
  writeFileSync(path.join(folder, '.clip.gif.99999999.part'), 'being written by somebody else');
  await writeClip(grey, output(path.join(folder, 'clip.gif'), { format: 'gif' }));
  assert.deepEqual(readdirSync(folder).sort(), [
    '.clip.gif.99999999.part',
    '.clip.gif.notes.part',
    '.other.gif.0123abcd.part',
    'clip.gif',
  ]);
});

test('frames that cannot be', async (t) => {
  const file = path.join(temporaryFolder(t), 'clip');
  await assert.rejects(writeClip(testClip([2, 15, 16, 1]), output(file)), { message: /even width and height/ });
  const large = { ...grey, shape: [600, 2000, 3000, 1] as const };
  await assert.rejects(writeClip(large, output(file, { format: 'gif' })), {
    code: 'BAD_SETTING',
    message: /600 frames of 3000x2000 are too much for gif.*mp4/,
  });
  const short = { ...grey, render: async () => new Uint8Array(7) };
  await assert.rejects(writeClip(short, output(file, { format: 'gif' })), { message: /Rendering gave 7 bytes/ });
});

test('clips at the same time do not mix', { skip: noFfmpeg }, async (t) => {
  const folder = temporaryFolder(t);
  const clips = [1, 2, 3].map((i) => testClip([8, 32 * i, 64, 1]));
  await Promise.all(
    clips.flatMap((clip, i) =>
      (['built-in', 'ffmpeg'] as const).map((encoder) =>
        writeClip(clip, output(path.join(folder, `${encoder}-${i}.mp4`), { encoder })),
      ),
    ),
  );
  for (const [i, clip] of clips.entries()) {
    for (const encoder of ['built-in', 'ffmpeg']) {
      assert(psnr(decodeVideo(path.join(folder, `${encoder}-${i}.mp4`), 1), clip.all) > 34);
    }
  }
});
