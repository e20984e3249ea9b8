/** Clips are rendered by a loop (raster.ts), training renders by a graph (render-frames.ts): they must agree. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { TensorData } from '../../lib/engines/engine.ts';
import { createOnnxEngine } from '../../lib/engines/onnx.ts';
import { type FrameMotion, frameScalars, type Geometry, pixelGrid } from '../../lib/motion/frame-scalars.ts';
import { LAYERS } from '../../lib/network/blocks/canonical-decoder.ts';
import { FLOW_STEP, renderProgram, SCALARS } from '../../lib/network/blocks/render-frames.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import type { Medium } from '../../lib/network/media.ts';
import { maskOf } from '../../lib/pipeline/raster/mask.ts';
import { rasterise } from '../../lib/pipeline/raster/rasterise.ts';
import type { Plates, RasterDrawing } from '../../lib/pipeline/raster/types.ts';

const LOOK = { lineWeight: 1.2, screenPeriod: 7, screenAngle: 35 };
const BASES = DEFAULT_CONFIG.flowBases;

const engine = await createOnnxEngine({ threads: 1 });
after(() => engine.close());

interface Scene {
  readonly drawing: RasterDrawing;
  readonly geometry: Geometry;
  readonly motion: FrameMotion;
}

const fill = (width: number, height: number, channels: number, value: (x: number, y: number, c: number) => number) =>
  Float32Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return value(pixel % width, Math.floor(pixel / width), i % channels);
  });

/** A drawing with clean paper, solid ink and edges, seen by a camera and, with flow, by strong depth and sway. */
function sceneOf(
  width: number,
  height: number,
  frame: { width: number; height: number },
  flow: boolean,
  medium: Medium = 'screentone',
): Scene {
  const size = { width, height };
  const geometry = { frame, canvas: { width: 1.3 * width, height: 1.3 * height }, drawn: size, padded: size };
  const motion: FrameMotion = {
    ...{ zoom: 1.1, rotation: 0.2, panX: 0.05, panY: -0.03 },
    ...(flow ? { parallaxX: 0.1, parallaxY: 0.08, dolly: 0.2 } : { parallaxX: 0, parallaxY: 0, dolly: 0 }),
    weights: flow ? [0.08, -0.05, 0.06, 0.04] : Array(BASES).fill(0),
  };
  const { scalars } = frameScalars([motion], geometry, LOOK);
  const scalar = (name: (typeof SCALARS)[number]) => scalars[SCALARS.indexOf(name)]!;
  // Steep waves: most places print nothing or fully, edges lie between; black within dark within light.
  const layers = fill(width, height, LAYERS, (x, y, c) => {
    const wave = Math.sin(0.2 * x + 0.17 * y) - 0.2 * c;
    return 0.5 + (medium === 'colour' && c > 0 ? 0.4 : 3) * wave;
  });
  return {
    motion,
    geometry,
    drawing: {
      medium,
      width,
      height,
      layers,
      mask: maskOf(layers, width, height, scalar('lineThreshold'), scalar('edgeGain')),
      fields: flow ? fill(width / 4, height / 4, 1 + 2 * BASES, (x, y, c) => Math.cos(0.9 * y + 0.4 * x + c)) : null,
      colours: Uint8Array.from(fill(width, height, 3, (x, y, c) => 128 + 120 * Math.sin(0.1 * x + 0.13 * y + 2 * c))),
    },
  };
}

function byLoop({ drawing, geometry, motion }: Scene, grey: boolean): Plates {
  const { frame } = geometry;
  const { scalars, weights } = frameScalars([motion], geometry, LOOK);
  const plate = (channels: number) => new Uint8Array(frame.width * frame.height * channels);
  const plates = grey
    ? { grey: plate(1), line: null, tone: null, colour: null }
    : { grey: null, line: plate(1), tone: plate(1), colour: plate(3) };
  rasterise(drawing, frame, scalars, weights, plates);
  return plates;
}

/** The same by the graph, on ONNX Runtime; cut from the grid of whole flow cells to the frame. */
async function byGraph({ drawing, geometry, motion }: Scene, grey: boolean): Promise<Record<string, Uint8Array>> {
  const { frame } = geometry;
  const { width, height } = drawing;
  const flow = drawing.fields !== null;
  const { scalars, weights } = frameScalars([motion], geometry, LOOK);
  const [x, y] = [pixelGrid(frame.width, FLOW_STEP), pixelGrid(frame.height, FLOW_STEP)];
  const tensor = (shape: number[], data: Float32Array): TensorData => ({ shape, dtype: 'float32', data });
  const inputs: Record<string, TensorData> = {
    layers: tensor([1, height, width, LAYERS], drawing.layers),
    scalars: tensor([1, SCALARS.length], scalars),
    px: tensor([1, 1, x.fine.length, 1], x.fine),
    py: tensor([1, y.fine.length, 1, 1], y.fine),
  };
  if (drawing.fields) {
    inputs.fields = tensor([1, height / 4, width / 4, 1 + 2 * BASES], drawing.fields);
    inputs.weights = tensor([1, 2 * BASES], weights);
    inputs.coarseX = tensor([1, 1, x.coarse.length, 1], x.coarse);
    inputs.coarseY = tensor([1, y.coarse.length, 1, 1], y.coarse);
  }
  if (!grey && drawing.medium !== 'colour') {
    inputs.colours = tensor(
      [1, height, width, 3],
      Float32Array.from(drawing.colours!, (v) => v / 255),
    );
  }
  // A drawing in colours has its colour plate in its layers; the graph prints only line and tone of it.
  const plate = drawing.medium === 'colour' ? 'plates' : 'colour';
  const program = renderProgram(
    { ...DEFAULT_CONFIG, medium: drawing.medium },
    { frames: 1, flow, output: grey ? 'grey' : plate },
  );
  const uploaded = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, engine.upload(data)]));
  const outputs = await engine.run(program, { id: 'none', tensors: new Map() }, uploaded);
  const plates: Record<string, Uint8Array> = {};
  for (const [name, output] of Object.entries(outputs)) {
    const { data, shape } = await engine.read(output);
    const channels = shape[3]!;
    const rows = Array.from({ length: frame.height }, (_, row) => {
      const from = row * x.fine.length * channels;
      return (data as Uint8Array).subarray(from, from + frame.width * channels);
    });
    plates[name] = Buffer.concat(rows);
  }
  for (const used of [...Object.values(uploaded), ...Object.values(outputs)]) engine.dispose(used);
  return plates;
}

for (const [medium, flow] of [
  ['screentone', false],
  ['screentone', true],
  ['pencil', true],
  ['colour', false],
] as const) {
  for (const [width, height, frame] of [
    [96, 88, { width: 102, height: 90 }],
    [64, 80, { width: 61, height: 83 }],
    [40, 32, { width: 90, height: 18 }],
  ] as const) {
    const title = `${medium}, ${width}x${height} to ${frame.width}x${frame.height} ${flow ? 'with' : 'without'} flow`;
    test(`the loop prints what the graph prints: ${title}`, async () => {
      const scene = sceneOf(width, height, frame, flow, medium);
      for (const grey of [true, false]) {
        const [loop, graph] = [byLoop(scene, grey), await byGraph(scene, grey)];
        for (const [name, expected] of Object.entries(graph)) {
          const actual = loop[name as keyof Plates]!;
          assert.equal(actual.length, expected.length);
          const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
          // The graph's float32 coordinates are off by a millionth; an edge is steeper here than in any drawing.
          assert.ok(worst <= 2, `${name}: ${worst} levels`);
          const used = new Set(actual);
          const whole = medium !== 'screentone' || name === 'colour' || (used.has(0) && used.has(255));
          assert.ok(used.size > (medium === 'colour' ? 8 : 20) && whole, `${name} shows little`);
        }
      }
    });
  }
}

test('the mask knows only what is so: every place it vouches for prints alike at all four corners', () => {
  const { drawing } = sceneOf(96, 88, { width: 90, height: 80 }, false);
  const [threshold, gain] = [0.4, 1.3];
  const mask = maskOf(drawing.layers, 96, 88, threshold, gain);
  const counts = { nothing: 0, full: 0, unknown: 0 };
  for (let y = 0; y < 88; y++) {
    for (let x = 0; x < 96; x++) {
      for (let c = 0; c < LAYERS; c++) {
        const corners = [0, 1].flatMap((dy) =>
          [0, 1].map((dx) => {
            const value = drawing.layers[(Math.min(y + dy, 87) * 96 + Math.min(x + dx, 95)) * LAYERS + c]!;
            return Math.min(Math.max((value - (c === 0 ? threshold : 0.5)) * gain + 0.5, 0), 1);
          }),
        );
        const bits = mask[y * 96 + x]!;
        const [nothing, full] = [(bits >> c) & 1, (bits >> (4 + c)) & 1];
        counts[nothing ? 'nothing' : full ? 'full' : 'unknown']++;
        assert.equal(
          nothing === 1,
          corners.every((v) => v === 0),
          `${x},${y},${c}`,
        );
        assert.equal(
          full === 1,
          corners.every((v) => v === 1),
          `${x},${y},${c}`,
        );
      }
    }
  }
  for (const [kind, count] of Object.entries(counts)) assert.ok(count > 100, kind);
});
