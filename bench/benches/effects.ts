/** Focus lines and speed lines at their densest over a rendered frame of 512², per frame, in this process. */
import { drawEffects } from '../../lib/effects/frame-effects.ts';
import { type Bench, median, round, summarise } from '../bench.ts';

const SIDE = 512;
const FRAMES = 24;

export const effects512: Bench = async ({ quick, tell }) => {
  const frame = { width: SIDE, height: SIDE };
  const canvas = { width: 1.16 * SIDE, height: 1.16 * SIDE };
  const geometry = { frame, canvas, drawn: canvas, padded: canvas };
  const plates = { grey: new Uint8Array(SIDE * SIDE), line: null, tone: null, colour: null };
  const still = { zoom: 1, rotation: 0, panY: 0, parallaxX: 0, parallaxY: 0, dolly: 0, weights: [] };
  const wall: number[] = [];
  const processor: number[] = [];
  const clips = quick ? 5 : 40;
  // The first clips are for the compiler.
  for (let clip = -5; clip < clips; clip++) {
    const staging = { focal: { x: 0.02, y: -0.05 }, heading: 0.3 + 0.1 * clip, flash: false };
    const settings = { focusLines: 1, speedLines: 1, hold: 1, seed: clip + 5 };
    const before = process.cpuUsage();
    const start = performance.now();
    for (let t = 0; t < FRAMES; t++) drawEffects(plates, { ...still, panX: 0.01 * t, staging }, t, geometry, settings);
    const milliseconds = (performance.now() - start) / FRAMES;
    const { user, system } = process.cpuUsage(before);
    if (clip < 0) continue;
    wall.push(milliseconds);
    processor.push((user + system) / 1000 / FRAMES);
  }
  tell(`${round(median(wall), 2)} ms, ${round(median(processor), 2)} ms of processor time`);
  const details = { processorMs: summarise(processor) };
  return [{ name: 'effects-512', unit: 'ms/frame', target: '1.5', ...summarise(wall), details }];
};
