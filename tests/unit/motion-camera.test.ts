import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Program, TensorData, Weights } from '../../lib/engines/engine.ts';
import { createOnnxEngine } from '../../lib/engines/onnx.ts';
import { type FrameMotion, frameScalars, type Geometry, pixelGrid } from '../../lib/motion/frame-scalars.ts';
import { renderPlates, SCALARS, type Scalar } from '../../lib/network/blocks/render-frames.ts';
import type { CameraMove } from '../../lib/settings/settings.ts';

const engine = await createOnnxEngine({ threads: 1 });
after(() => engine.close());

const LOOK = { lineWeight: 1, screenPeriod: 8, screenAngle: 30 };
const STILL = { parallaxX: 0, parallaxY: 0, dolly: 0, weights: [] };
const moved = (move: Partial<CameraMove>): FrameMotion => ({
  zoom: 1,
  rotation: 0,
  panX: 0,
  panY: 0,
  ...move,
  ...STILL,
});

/** A drawing of 200x120, padded by the network to multiples of 8 on the right and below, seen through an odd frame. */
const GEOMETRY: Geometry = {
  frame: { width: 90, height: 62 },
  canvas: { width: 200, height: 118 },
  drawn: { width: 200, height: 118 },
  padded: { width: 200, height: 120 },
};

interface Seen {
  /** Where in the drawing frame pixel (x, y) looks, in pixels from its top left centre. */
  at(frame: number, x: number, y: number): { x: number; y: number; tone: number };
}

/** Renders a picture whose two colours are its own coordinates, and whose tone is the light screen everywhere. */
async function see(motions: readonly FrameMotion[], geometry: Geometry): Promise<Seen> {
  const frames = motions.length;
  const { width, height } = geometry.padded;
  const program: Program = {
    name: `coordinates-${frames}`,
    inputs: {
      layers: [1, 'H', 'W', 4],
      picture: [1, 'H', 'W', 2],
      scalars: [frames, SCALARS.length],
      px: [1, 1, 'w', 1],
      py: [1, 'h', 1, 1],
    },
    outputs: ['seen', 'tone'],
    build(ops, _weight, { layers, picture, scalars, px, py }) {
      const grid = { px: px!, py: py!, coarseX: px!, coarseY: py! };
      const plates = renderPlates(ops, layers!, null, scalars!, null, grid, frames, 0, 'screentone');
      return { seen: ops.warp(picture!, plates.coords), tone: plates.tone };
    },
  };
  const pixels = Array.from({ length: width * height }, (_, i) => [i % width, Math.floor(i / width)] as const);
  const image = (values: readonly (readonly number[])[]): TensorData => ({
    shape: [1, height, width, values[0]!.length],
    dtype: 'float32',
    data: Float32Array.from(values.flat()),
  });
  const px = pixelGrid(geometry.frame.width, 1).fine;
  const py = pixelGrid(geometry.frame.height, 1).fine;
  const inputs: Record<string, TensorData> = {
    layers: image(pixels.map(() => [0, 1, 0, 0])),
    picture: image(pixels),
    scalars: { shape: [frames, SCALARS.length], dtype: 'float32', data: frameScalars(motions, geometry, LOOK).scalars },
    px: { shape: [1, 1, px.length, 1], dtype: 'float32', data: px },
    py: { shape: [1, py.length, 1, 1], dtype: 'float32', data: py },
  };
  const before = engine.memory();
  const uploaded = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, engine.upload(data)]));
  const weights: Weights = { id: 'none', tensors: new Map() };
  const outputs = await engine.run(program, weights, uploaded);
  const seen = (await engine.read(outputs.seen!)).data;
  const tone = (await engine.read(outputs.tone!)).data;
  for (const tensor of [...Object.values(uploaded), ...Object.values(outputs)]) engine.dispose(tensor);
  assert.deepEqual(engine.memory(), before);
  return {
    at(frame, x, y) {
      const i = (frame * geometry.frame.height + y) * geometry.frame.width + x;
      return { x: seen[2 * i]!, y: seen[2 * i + 1]!, tone: tone[i]! };
    },
  };
}

const CAMERAS: Partial<CameraMove>[] = [
  {},
  { zoom: 1.5 },
  { zoom: 0.7 },
  { rotation: 0.3 },
  { rotation: -Math.PI / 2 },
  { panX: 0.1 },
  { panY: -0.15 },
  { zoom: 1.25, rotation: 0.5, panX: -0.08, panY: 0.05 },
];

const GEOMETRIES: Record<string, Geometry> = {
  'as drawn': GEOMETRY,
  'a canvas of twice what is drawn': {
    ...GEOMETRY,
    frame: { width: 180, height: 125 },
    canvas: { width: 400, height: 236 },
  },
  portrait: {
    frame: { width: 41, height: 80 },
    canvas: { width: 95, height: 160 },
    drawn: { width: 95, height: 160 },
    padded: { width: 96, height: 160 },
  },
};

for (const [name, geometry] of Object.entries(GEOMETRIES)) {
  test(`camera: frame point p sees canvas point R(rotation)·p/zoom + pan·canvas: ${name}`, async () => {
    const { frame, canvas, drawn } = geometry;
    const seen = await see(CAMERAS.map(moved), geometry);
    let checked = 0;
    CAMERAS.map(moved).forEach(({ zoom, rotation, panX, panY }, t) => {
      for (let y = 0; y < frame.height; y += 3) {
        for (let x = 0; x < frame.width; x += 3) {
          const p = [x - (frame.width - 1) / 2, y - (frame.height - 1) / 2] as const;
          const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
          const onCanvas = [
            (cos * p[0] - sin * p[1]) / zoom + panX * canvas.width,
            (sin * p[0] + cos * p[1]) / zoom + panY * canvas.height,
          ] as const;
          const expectedX = (onCanvas[0] * drawn.width) / canvas.width + (drawn.width - 1) / 2;
          const expectedY = (onCanvas[1] * drawn.height) / canvas.height + (drawn.height - 1) / 2;
          // Outside, the border is seen.
          if (Math.min(expectedX, expectedY) < 0 || expectedX > drawn.width - 1 || expectedY > drawn.height - 1)
            continue;
          const at = seen.at(t, x, y);
          const where = `camera ${t}, pixel ${x},${y}: ${at.x},${at.y} not ${expectedX},${expectedY}`;
          assert.ok(Math.abs(at.x - expectedX) < 0.02 && Math.abs(at.y - expectedY) < 0.02, where);
          checked++;
        }
      }
    });
    assert.ok(checked > 0.8 * CAMERAS.length * Math.floor((frame.width * frame.height) / 9));
  });
}

test('the screen lies in the canvas: a place has the same dots wherever the camera moves', async () => {
  // Whole pixels of pan, a quarter turn: frame pixels that see the same canvas point exactly.
  const [dx, dy] = [13, -7];
  const side = { width: 61, height: 61 };
  const geometry = { ...GEOMETRY, frame: side };
  const { canvas } = geometry;
  const motions = [{}, { panX: dx / canvas.width, panY: dy / canvas.height }, { rotation: Math.PI / 2 }].map(moved);
  const seen = await see(motions, geometry);
  const tones: number[] = [];
  for (let y = 10; y < 40; y++) {
    for (let x = 20; x < 45; x++) {
      const { tone } = seen.at(0, x, y);
      tones.push(tone);
      assert.ok(Math.abs(seen.at(1, x - dx, y - dy).tone - tone) < 1e-3, `panned, ${x},${y}`);
      // R(90°)·(u,v) = (-v,u): what frame 0 sees at (x,y), frame 2 sees at (y, -x) from the centre.
      assert.ok(Math.abs(seen.at(2, y, 60 - x).tone - tone) < 1e-3, `turned, ${x},${y}`);
    }
  }
  assert.ok(Math.min(...tones) === 0 && Math.max(...tones) === 1, 'there are dots');
  const ink = tones.reduce((sum, tone) => sum + tone, 0) / tones.length;
  // What the teacher's light screen covers (render/compose.ts).
  assert.ok(Math.abs(ink - 0.22) < 0.02, `${ink} of the paper is inked`);
});

test('screen: period in output pixels at zoom 1, at its angle, a dot in the middle of the canvas whatever the padding', () => {
  const scalarsOf = (geometry: Geometry, zoom = 1) => {
    const { scalars } = frameScalars([moved({ zoom })], geometry, LOOK);
    return (name: Scalar) => scalars[SCALARS.indexOf(name)]!;
  };
  const doubled = { ...GEOMETRY, canvas: { width: 400, height: 236 } };
  for (const geometry of [GEOMETRY, doubled, { ...GEOMETRY, padded: { width: 264, height: 200 } }]) {
    const s = scalarsOf(geometry);
    /** Screen coordinates of a frame point, in periods. */
    const screen = (x: number, y: number) => {
      const qx = s('xx') * x + s('xy') * y + s('x0');
      const qy = s('yx') * x + s('yy') * y + s('y0');
      const along = (axis: 'U' | 'V') => s(`screen${axis}X`) * qx + s(`screen${axis}Y`) * qy + s(`screen${axis}0`);
      return [along('U'), along('V')] as const;
    };
    const near = (actual: readonly number[], expected: readonly number[]) =>
      assert.ok(
        actual.every((value, i) => Math.abs(value - expected[i]!) < 1e-4),
        `${actual} not ${expected}`,
      );
    near(screen(0, 0), [0, 0]);
    const angle = (LOOK.screenAngle * Math.PI) / 180;
    near(screen(8 * Math.cos(angle), 8 * Math.sin(angle)), [1, 0]);
    near(screen(-8 * Math.sin(angle), 8 * Math.cos(angle)), [0, 1]);
  }
  // Edges stay as wide in output pixels: at zoom 2 the fields rise half as fast.
  const [near, far] = [scalarsOf(GEOMETRY, 2), scalarsOf(GEOMETRY)];
  assert.ok(Math.abs(near('edgeGain') / far('edgeGain') - 2) < 1e-6);
  assert.ok(Math.abs(near('screenGain') / far('screenGain') - 2) < 1e-6);
});

test('edges: softer than a pixel, and never so soft that bare paper is printed grey', () => {
  for (const detail of [0.5, 1, 1.5, 2, 4]) {
    for (const lineWeight of [0.25, 1, 2]) {
      const canvas = { width: GEOMETRY.drawn.width / detail, height: GEOMETRY.drawn.height / detail };
      const { scalars } = frameScalars([moved({})], { ...GEOMETRY, canvas }, { ...LOOK, lineWeight });
      const s = (name: Scalar) => scalars[SCALARS.indexOf(name)]!;
      // Field 0 of a line, and of a tone, whose edge lies at half.
      for (const threshold of [s('lineThreshold'), 0.5]) {
        assert.ok(0.5 - threshold * s('edgeGain') <= 1e-6, `${lineWeight} at ${detail}: ${s('edgeGain')}`);
      }
      // A field rises by half a unit a drawn pixel, and from paper to ink within the width of an edge.
      if (detail <= 1 && lineWeight === 1) {
        const width = 1 / (s('edgeGain') * 0.5 * detail);
        assert.ok(Math.abs(width - 1.4) < 0.01, `${width} pixels at ${detail}`);
      }
    }
  }
});
