import assert from 'node:assert/strict';
import test from 'node:test';
import type { FrameSequence } from '../../lib/pipeline/types.ts';
import { composeScene } from '../../lib/scenes/compose-scene.ts';
import { drawPanel } from '../../lib/scenes/draw-panel.ts';
import { layOut, sceneSize } from '../../lib/scenes/layout.ts';
import { panelSizes } from '../../lib/scenes/panel-sizes.ts';
import { boxOf, depthIn } from '../../lib/scenes/polygon.ts';
import {
  LAYOUTS,
  READING_DIRECTIONS,
  type SceneSettings,
  sceneSchema,
  TRANSITIONS,
} from '../../lib/scenes/settings.ts';
import { SessionCore } from '../../lib/session/core.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import type { PictureSource } from '../../lib/session/types.ts';
import { clipSchema, drawSchema } from '../../lib/settings/settings.ts';
import { toyParts, toyPicture } from './session-toy-parts.ts';

const settingsOf = (given: Partial<SceneSettings> = {}): SceneSettings => sceneSchema.parse(given);

/** Frames of one grey: `base` and one more each frame. */
function greys(base: number, frames = 8, width = 60, height = 80, channels: 1 | 3 = 1): FrameSequence {
  const size = width * height * channels;
  return {
    ...{ shape: [frames, height, width, channels], fps: 10, byteLength: 0 },
    dispose: () => {},
    render: async (first, count) => {
      const out = new Uint8Array(count * size);
      for (let t = 0; t < count; t++) out.fill(base + first + t, t * size, (t + 1) * size);
      return out;
    },
  };
}

const pixel = async (scene: FrameSequence, t: number, x: number, y: number): Promise<number> => {
  const [, , width, channels] = scene.shape;
  return (await scene.render(t, 1))[(y * width + x) * channels]!;
};

test('panels of a layout do not overlap, keep to the page, and are read from right to left', () => {
  const page = { width: 362, height: 512 };
  for (const direction of READING_DIRECTIONS) {
    for (const [layout, count] of [
      ['rows', 2],
      ['wide-top', 3],
      ['tall-first', 3],
      ['grid', 4],
    ] as const) {
      const pages = layOut(count, page, settingsOf({ layout, direction }));
      assert.deepEqual(
        pages.map((panels) => panels.length),
        [count],
        layout,
      );
      const panels = pages[0]!;
      const depths = panels.map(depthIn);
      let covered = 0;
      for (let y = 0; y < page.height; y += 2) {
        for (let x = 0; x < page.width; x += 2) {
          const inside = depths.filter((depth) => depth(x + 0.5, y + 0.5) > 0).length;
          assert.ok(inside <= 1, `${layout}: overlap at ${x},${y}`);
          covered += inside;
        }
      }
      const share = (4 * covered) / (page.width * page.height);
      assert.ok(share > 0.85 && share < 0.97, `${layout}: ${share} of the page`);
      for (const panel of panels) {
        const box = boxOf(panel);
        assert.ok(
          box.left > 0 && box.top > 0 && box.left + box.width < page.width && box.top + box.height < page.height,
        );
      }
      // Of two panels in one row the one that is read first is further in reading order.
      const [first, second] = layout === 'wide-top' ? [panels[1]!, panels[2]!] : [panels[0]!, panels[1]!];
      if (layout === 'rows') assert.ok(boxOf(first).top < boxOf(second).top);
      else assert.equal(boxOf(first).left > boxOf(second).left, direction === 'right-to-left', layout);
    }
  }
});

test('pages take two to four panels each, spread evenly', () => {
  const pages = (count: number, layout: SceneSettings['layout'] = 'page') =>
    layOut(count, { width: 100, height: 140 }, settingsOf({ layout })).map((panels) => panels.length);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 9].map((count) => pages(count)),
    [[1], [2], [3], [4], [3, 2], [3, 3], [4, 3], [3, 3, 3]],
  );
  assert.deepEqual(pages(5, 'rows'), [2, 2, 1]);
  assert.deepEqual(pages(3, 'single'), [1, 1, 1]);
});

test('sizes: as the first panel, as a page, or as given', () => {
  const first = { width: 640, height: 480 };
  assert.deepEqual(sceneSize(settingsOf(), first), first);
  assert.deepEqual(sceneSize(settingsOf({ size: '320' }), first), { width: 320, height: 240 });
  assert.deepEqual(sceneSize(settingsOf({ layout: 'page' }), first), { width: 724, height: 1024 });
  assert.deepEqual(sceneSize(settingsOf({ layout: 'grid', size: '500x300' })), { width: 500, height: 300 });
  assert.throws(() => sceneSize(settingsOf({ size: '9000' }), first), { code: 'BAD_SETTING' });
  assert.equal(panelSizes(2, settingsOf()), undefined);
  assert.equal(panelSizes(4, settingsOf({ layout: 'grid' }))!.length, 4);
});

test('a cut shows each panel to its end; another transition has both move on', async () => {
  const parts = [greys(0), greys(100)];
  const cut = composeScene(parts, settingsOf({ transition: 'cut', border: 0 }));
  assert.deepEqual(cut.shape, [16, 80, 60, 1]);
  assert.deepEqual([await pixel(cut, 7, 30, 40), await pixel(cut, 8, 30, 40)], [7, 100]);

  const push = composeScene(parts, settingsOf({ transition: 'push', transitionSeconds: 0.4, border: 0 }));
  assert.deepEqual(push.shape, [12, 80, 60, 1]);
  // Manga is read to the left: the next panel comes from there, and the last one leaves to the right.
  for (const t of [5, 6]) {
    assert.equal(await pixel(push, t, 0, 40), 100 + t - 4, 'next panel');
    assert.equal(await pixel(push, t, 59, 40), t, 'last panel');
  }
  const western = composeScene(
    parts,
    settingsOf({ ...{ transition: 'push', transitionSeconds: 0.4, border: 0 }, direction: 'left-to-right' }),
  );
  assert.deepEqual([await pixel(western, 5, 0, 40), await pixel(western, 5, 59, 40)], [5, 101]);
});

test('a wipe goes from right to left, a page about its spine on the right', async () => {
  const parts = [greys(10), greys(100)];
  const given = { transitionSeconds: 0.4, border: 0 };
  const wipe = composeScene(parts, settingsOf({ ...given, transition: 'wipe' }));
  assert.deepEqual([await pixel(wipe, 5, 2, 40), await pixel(wipe, 6, 57, 40)], [15, 102]);
  const turn = composeScene(parts, settingsOf({ ...given, transition: 'page-turn' }));
  // The lower left corner is lifted first: below it the next page is seen; the right edge still lies.
  const lowerLeft = await pixel(turn, 6, 1, 78);
  assert.ok(lowerLeft === 102 || lowerLeft < 100, `next page or its shadow, ${lowerLeft}`);
  assert.equal(await pixel(turn, 4, 57, 5), 14);
});

test('every transition begins with what was before, ends with what comes, mirrored when read the other way', async () => {
  // A picture that is its own mirror image, so that only the transition tells left from right.
  for (const transition of TRANSITIONS) {
    const make = (direction: SceneSettings['direction']) =>
      composeScene([greys(10), greys(100)], settingsOf({ transition, transitionSeconds: 0.8, direction }));
    const [manga, western] = [make('right-to-left'), make('left-to-right')];
    assert.deepEqual(manga.shape, western.shape);
    const [frames, height, width] = manga.shape;
    for (let t = 0; t < frames; t++) {
      const [a, b] = [await manga.render(t, 1), await western.render(t, 1)];
      for (let y = 0; y < height; y += 7)
        for (let x = 0; x < width; x++)
          assert.ok(Math.abs(a[y * width + x]! - b[y * width + width - 1 - x]!) <= 1, `${transition} ${t} ${x},${y}`);
    }
    assert.equal(await pixel(manga, frames - 1, 30, 40), 107);
    assert.equal(await pixel(manga, 0, 30, 40), 10);
  }
});

test('borders are black with white around, thicker on larger pages', async () => {
  const widthOf = async (size: string): Promise<{ white: number; black: number }> => {
    const scene = composeScene([greys(128, 1, 768, 768)], settingsOf({ size }));
    const [, height, width] = scene.shape;
    const row = (await scene.render(0, 1)).subarray((height >> 1) * width, ((height >> 1) + 1) * width);
    const white = row.findIndex((v) => v < 255);
    return { white, black: row.subarray(white).indexOf(128) };
  };
  const [large, small] = [await widthOf('768'), await widthOf('384')];
  assert.ok(large.black >= 3 && large.black <= 5, `${large.black} px`);
  assert.ok(small.black < large.black && small.white < large.white);
});

test('panels of a page begin one after the other and rest on their last frame', async () => {
  const oneByOne = { entrance: 'one-by-one', ending: 'rest' } as const;
  const scene = composeScene(
    [greys(10, 4), greys(100, 4)],
    settingsOf({ layout: 'rows', size: '60x84', border: 0, stagger: 0.5, ...oneByOne }),
  );
  assert.equal(scene.shape[0], 9);
  assert.deepEqual([await pixel(scene, 0, 30, 10), await pixel(scene, 0, 30, 75)], [10, 255]);
  // The second comes into sight from the right.
  assert.deepEqual([await pixel(scene, 5, 58, 75), await pixel(scene, 5, 1, 75)], [100, 255]);
  assert.deepEqual([await pixel(scene, 8, 30, 10), await pixel(scene, 8, 30, 75)], [13, 103]);
});

test('a page is whole from its first frame; its panels begin in turn, and go on until the page goes', async () => {
  const settings = settingsOf({ layout: 'rows', size: '60x84', border: 0, stagger: 0.5 });
  const seen = async (first: FrameSequence): Promise<number[][]> => {
    const scene = composeScene([first, greys(100, 4)], settings);
    assert.equal(scene.shape[0], 9);
    const frames = Array.from({ length: 9 }, async (_, t) => [
      await pixel(scene, t, 30, 10),
      await pixel(scene, t, 30, 75),
    ]);
    return Promise.all(frames);
  };
  const waiting = [100, 100, 100, 100, 100, 100, 101, 102, 103];
  const there = [10, 11, 12, 13, 12, 11, 10, 11, 12];
  assert.deepEqual(
    await seen(greys(10, 4)),
    there.map((grey, t) => [grey, waiting[t]]),
  );
  // A loop begins again in place of running back.
  const again = [10, 11, 12, 13, 10, 11, 12, 13, 10];
  assert.deepEqual(
    await seen({ ...greys(10, 4), loops: true }),
    again.map((grey, t) => [grey, waiting[t]]),
  );
  assert.deepEqual(
    (await seen(greys(10, 1))).map(([grey]) => grey),
    Array(9).fill(10),
  );
});

test('the same bytes however it is asked; colours and rates may differ', async () => {
  for (const layout of LAYOUTS) {
    const parts = [greys(10), { ...greys(100, 16, 50, 50, 3), fps: 20 }, greys(50, 3), greys(30), greys(70)];
    const scene = composeScene(parts, settingsOf({ layout, size: '60x84', transition: 'page-turn' }));
    const [frames, height, width, channels] = scene.shape;
    assert.equal(channels, 3);
    const whole = await scene.render(0, frames);
    const size = height * width * channels;
    for (const t of [frames - 1, 3, 4, 0])
      assert.deepEqual(await scene.render(t, 1), whole.subarray(t * size, (t + 1) * size), layout);
    await assert.rejects(scene.render(frames, 1), { code: 'BAD_INPUT' });
  }
  assert.throws(() => composeScene([], settingsOf()), { code: 'BAD_INPUT', message: /at least one/ });
});

test('a composed handle keeps its parts alive when their own jobs end, and frees them with itself', async () => {
  const core = new SessionCore(sessionSchema.parse({ id: 'a' }), toyParts());
  const panel = async () => {
    const arena = await core.openArena('photo');
    const image = await core.loadPicture(arena, toyPicture(32, 32));
    return {
      arena,
      frames: await core.decode(await core.encode(image, drawSchema.parse({})), clipSchema.parse({ frames: 4 })),
    };
  };
  const [a, b] = [await panel(), await panel()];
  const arena = await core.openArena('scene');
  const kept = await core.keep(arena, a.frames);
  const before = await core.read(a.frames);
  await core.closeArena(a.arena);
  assert.deepEqual(await core.read(kept), before);
  const scene = await core.compose(arena, [kept, b.frames], settingsOf({ transition: 'cut', border: 0 }));
  await core.closeArena(b.arena);
  assert.deepEqual(scene.shape, [8, 16, 16, 1]);
  assert.deepEqual((await core.read(scene, 0, 4)).data, before.data);
  await assert.rejects(core.read(b.frames), { code: 'STALE_HANDLE' });
  await core.closeArena(arena);
  const { handles, bytes, engineTensors } = await core.stats();
  assert.deepEqual([handles, bytes, engineTensors], [0, 0, 0]);
  await core.close();
});

test('a scene holds the drawings of its panels, not the pictures and features they were drawn from', async () => {
  const core = new SessionCore(sessionSchema.parse({ id: 'a' }), toyParts());
  const arena = await core.openArena('scene');
  const draw = (source: PictureSource) => drawPanel(core, arena, source, clipSchema.parse({ frames: 4 }));
  const frames = await draw(toyPicture(32, 32));
  const { bytes, handles, arenas } = await core.stats();
  const alone = await core.openArena('photo');
  await core.encode(await core.loadPicture(alone, toyPicture(32, 32)), drawSchema.parse({}));
  const { bytes: withFeatures } = await core.stats();
  await core.closeArena(alone);
  assert.ok(bytes > 0 && withFeatures > bytes);
  await draw(toyPicture(32, 32));
  await assert.rejects(draw({ path: 'no such photo.jpg' }));
  const after = await core.stats();
  assert.deepEqual([after.handles, after.bytes, after.arenas], [2 * handles, 2 * bytes, arenas]);
  assert.deepEqual((await core.read(frames)).shape, frames.shape);
  await core.closeArena(arena);
  assert.equal((await core.stats()).handles, 0);
  await core.close();
});
