/** What the network made of a picture, as pictures: the right numbers in the right colours, and nothing left behind. */
import assert from 'node:assert/strict';
import test from 'node:test';
import sharp from 'sharp';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { flowColour, viridis } from '../../lib/session/colour-maps.ts';
import { SessionCore } from '../../lib/session/core.ts';
import { inspectPictures } from '../../lib/session/inspect-pictures.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { drawSchema } from '../../lib/settings/settings.ts';
import { engine, photoOf, pipeline } from './pipeline-support.ts';
import { ToyPipeline, toyParts, toyPicture } from './session-toy-parts.ts';

const draw = drawSchema.parse({ size: '84' });

/** The pixels of a PNG or JPEG. */
async function pixels(file: Uint8Array) {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

test('viridis has the colours of matplotlib (cm.viridis at 0, .25, .5, .75 and 1)', () => {
  const known = [
    [68, 1, 84],
    [59, 82, 139],
    [33, 145, 140],
    [94, 201, 98],
    [253, 231, 37],
  ];
  known.forEach((colour, i) => {
    viridis(i / 4).forEach((value, c) => void assert.ok(Math.abs(value - colour[c]!) <= 5, `${i / 4}: ${value}`));
  });
});

test('a displacement is white at rest, red to the right, and turns clockwise', () => {
  assert.deepEqual(flowColour(0, 0), [255, 255, 255]);
  assert.deepEqual(flowColour(1, 0), [255, 0, 0]);
  assert.deepEqual(flowColour(-1, 0), [0, 255, 255]);
  assert.deepEqual(flowColour(0, 1), [128, 255, 0]);
  assert.deepEqual(flowColour(0, -1), [128, 0, 255]);
  assert.deepEqual(flowColour(0.5, 0), [255, 128, 128]);
});

test('layers, fields and feature maps of a picture whose sides are no multiple of 8', async () => {
  const before = engine.memory();
  const content = await pipeline.encode(photoOf(90, 60), draw);
  const held = engine.memory();
  const inspection = await pipeline.inspect(content);
  assert.deepEqual(engine.memory(), held, 'nothing of it stays on the engine');
  const { drawn, layers, fields, features } = inspection;
  assert.deepEqual(
    [layers, fields, ...Object.values(features)].map(({ shape }) => shape.slice(1, 3)),
    [1, 4, 2, 4, 8].map((shrunk) => [layers.shape[1]! / shrunk, layers.shape[2]! / shrunk]),
  );
  assert.ok(layers.shape[2]! > drawn.width, 'it is padded');

  const pictures = await inspectPictures(inspection);
  assert.deepEqual(
    pictures.map(({ name }) => name),
    [
      ...['line', 'light', 'dark', 'black'],
      ...['disparity', 'flow-1', 'flow-2', 'flow-3', 'flow-4'],
      ...['half', 'quarter', 'eighth'],
    ],
  );
  const line = await pixels(pictures[0]!.png);
  assert.deepEqual([line.width, line.height], [drawn.width, drawn.height], 'without what was padded');
  for (const [x, y] of [
    [0, 0],
    [drawn.width - 1, drawn.height - 1],
    [17, 31],
  ] as const) {
    const value = layers.data[(y * layers.shape[2]! + x) * 4]!;
    const shown = line.data[(y * line.width + x) * line.channels]!;
    assert.equal(shown, Math.round(255 * (1 - Math.min(1, Math.max(0, value)))), `line at ${x},${y}`);
  }
  const disparity = pictures[4]!;
  const depth = await pixels(disparity.png);
  const value = fields.data[(3 * fields.shape[2]! + 5) * fields.shape[3]!]!;
  const share = (value - disparity.low) / (disparity.high - disparity.low);
  const at = (3 * depth.width + 5) * 3;
  assert.deepEqual([...depth.data.subarray(at, at + 3)], [...viridis(share)]);
  assert.deepEqual(
    pictures.slice(9).map(({ maps }) => maps),
    [8, 12, 16],
  );
  content.dispose();
  assert.deepEqual(engine.memory(), before);
});

test('the layers of a colour checkpoint are named by their colours', async () => {
  const core = new SessionCore(
    sessionSchema.parse({ id: 'a' }),
    toyParts(async () => {
      const toy = new ToyPipeline();
      const inspect = toy.inspect.bind(toy);
      return Object.assign(toy, {
        inspect: async (c: never) => ({ ...(await inspect(c)), medium: 'colour' }) as never,
      });
    }),
  );
  const image = await core.loadPicture(await core.openArena('x'), toyPicture(48, 32));
  const pictures = await core.inspect(await core.encode(image, draw));
  assert.deepEqual(
    pictures.filter(({ group }) => group === 'layers').map(({ name, scale }) => `${name} ${scale}`),
    ['line ink', 'red brightness', 'green brightness', 'blue brightness', 'flat colours'],
  );
});

test('a session tells where content comes from, and looking leaves no handle', async () => {
  const core = new SessionCore(sessionSchema.parse({ id: 'a' }), toyParts());
  const arena = await core.openArena('x');
  const image = await core.loadPicture(arena, toyPicture(96, 64));
  const content = await core.encode(image, { ...draw, model: 'pencil' });
  const { handles } = await core.stats();
  const { photo, model } = await core.origin(content, 48);
  assert.equal(model, 'pencil');
  const { width, height, format } = await sharp(photo).metadata();
  assert.deepEqual([width, height, format], [48, 32, 'jpeg']);
  assert.ok((await core.inspect(content)).length > 8);
  assert.equal((await core.stats()).handles, handles);
  const wrong = (code: string) => (error: unknown) => error instanceof MangaError && error.code === code;
  await assert.rejects(core.inspect(image), wrong('BAD_WIRING'));
  await assert.rejects(core.origin(image, 48), wrong('BAD_WIRING'));
  await assert.rejects(core.origin(content, 0), wrong('BAD_SETTING'));
  await core.closeArena(arena);
  await assert.rejects(core.inspect(content), wrong('STALE_HANDLE'));
});
