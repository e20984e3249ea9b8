/** Faint lines: what stands out becomes a hairline, the rest bare paper; lines stay. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sharpenHairlines } from '../../lib/pipeline/hairlines.ts';

const [WIDTH, HEIGHT] = [48, 40];

/** Layers whose lines are as told, and whose other channels hold .7. */
function layersOf(line: (x: number, y: number) => number): Float32Array {
  const layers = new Float32Array(WIDTH * HEIGHT * 4).fill(0.7);
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) layers[4 * (y * WIDTH + x)] = line(x, y);
  return layers;
}

function sharpened(line: (x: number, y: number) => number): (x: number, y: number) => number {
  const layers = layersOf(line);
  sharpenHairlines(layers, { width: WIDTH, height: HEIGHT });
  layers.forEach((value, i) => void (i % 4 && assert.equal(value, Math.fround(0.7), 'tones stay')));
  return (x, y) => layers[4 * (y * WIDTH + x)]!;
}

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}, not ${expected}`);

test('a faint smudge becomes bare paper, a faint hairline in it is drawn', () => {
  const at = sharpened((x, y) => (y === 12 ? 0.45 : x > 8 ? 0.2 : 0));
  assert.ok(at(30, 12) > 0.5, `hairline ${at(30, 12)}`);
  // The widest surround lies inside the smudge: 2 (.2 - .7 * .2 - .03) = .06, which is bare paper in print.
  close(at(30, 30), 0.06);
});

test('paper stays bare and lines stay as they are, with their soft edges', () => {
  const edge = [0, 0.1, 0.5, 0.95, 0.95, 0.5, 0.1];
  const line = (x: number): number => edge[x - 20] ?? 0;
  const at = sharpened(line);
  for (let x = 0; x < WIDTH; x++) close(at(x, 20), Math.fround(line(x)));
});

test('borders are as the middle: a smudge over all, and a line along the edge', () => {
  const smudge = sharpened(() => 0.25);
  for (const [x, y] of [
    [0, 0],
    [WIDTH - 1, 0],
    [0, HEIGHT - 1],
    [24, 20],
  ] as const)
    close(smudge(x, y), 2 * (0.25 - 0.7 * 0.25 - 0.03));
  const line = sharpened((_, y) => (y < 2 ? 1 : 0));
  close(line(5, 0), 1);
});
