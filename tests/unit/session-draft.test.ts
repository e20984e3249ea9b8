/** Drafts: the same clip, small, and nothing left behind. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { SessionCore } from '../../lib/session/core.ts';
import { draftSettings, drawDraft } from '../../lib/session/draft.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { clipSchema } from '../../lib/settings/settings.ts';
import { toyParts, toyPicture } from './session-toy-parts.ts';

test('a draft has the shape and the seconds of the clip, and settings that the clip could have', () => {
  const side = fc.integer({ min: 16, max: 8000 });
  fc.assert(
    fc.property(
      fc.oneof(
        side.map(String),
        fc.tuple(side, side).map((sides) => sides.join('x')),
      ),
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(0, 700, 4096),
      fc.constantFrom(0, 8, 64),
      (size, frames, fps, canvas, screenPeriod) => {
        const clip = clipSchema.parse({ size, frames, fps, canvas, screenPeriod });
        const draft = draftSettings(clip);
        assert.deepEqual(clipSchema.parse(draft), draft);
        const sides = draft.size.split('x').map(Number);
        assert.equal(Math.max(...sides), 384);
        assert.equal(draft.canvas === 0, canvas === 0);
        assert.ok(draft.frames <= 24);
        const seconds = draft.frames / draft.fps;
        // A frame a second is the slowest there is.
        assert.ok(Math.abs(seconds - frames / fps) < 1e-6 || draft.fps === 1, `${seconds} s for ${frames / fps} s`);
        const [width = 0, height = width] = size.split('x').map(Number);
        const [w = 0, h = w] = sides;
        if (Math.min(w, h) > 16) assert.ok(Math.abs(w / h / (width / height) - 1) < 0.04, draft.size);
      },
    ),
  );
});

test('a draft is drawn in an arena of its own, also when its style page is freed', async () => {
  const core = new SessionCore(sessionSchema.parse({ id: 'a' }), toyParts());
  const arena = await core.openArena('page');
  const style = await core.encodeStyle(await core.loadPicture(arena, toyPicture(32, 32)));
  await core.closeArena(arena);
  const subject = { source: toyPicture(64, 48), model: 'session', style } as const;
  const png = await drawDraft(core, subject, clipSchema.parse({}), false);
  const { format, width, height } = await sharp(png).metadata();
  assert.deepEqual([format, width, height], ['png', 32, 24]);
  const { arenas, handles } = await core.stats();
  assert.deepEqual([arenas, handles], [0, 0]);
  await assert.rejects(
    drawDraft(core, { ...subject, source: { path: 'none' } }, clipSchema.parse({}), false),
    (error: unknown) => error instanceof MangaError && error.code === 'BAD_INPUT',
  );
  assert.equal((await core.stats()).arenas, 0);
});
