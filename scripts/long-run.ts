/**
 * Trains a toy problem for many steps and reports whether memory stays flat: tensors and resident size every 100 steps.
 *
 *     node scripts/long-run.ts [steps, default 2000] [--json-out FILE]
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadTensorflow } from '../lib/engines/load-tfjs.ts';
import { Guard } from '../lib/training/gan/guard.ts';
import { toyTrainer } from '../tests/unit/gan-toy-square.ts';

const EVERY = 100;
/** Resident size settles while buffers of every phase are found: the slope is taken after so many steps of the last phase. */
const SETTLED = 500;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'json-out': { type: 'string' } } });
const steps = Number(positionals[0] ?? 2000);
const { tf, description } = await loadTensorflow();
// Phase C from the first step: every part of the trainer works all the time.
const trainer = toyTrainer(tf, { seed: 1, steps, batch: 1, side: 32, frames: 3, settings: { from: 'start' } });
const guard = new Guard();
const points: { step: number; tensors: number; megabytes: number; seconds: number }[] = [];
const verdicts: string[] = [];
const began = performance.now();
for (let step = 0; step < steps; step++) {
  const result = await trainer.step(step, () => new Promise((resolve) => setImmediate(resolve)));
  const verdict = guard.check(result);
  if (verdict) {
    verdicts.push(`${step + 1}: ${verdict.reason}`);
    guard.reset();
  }
  if ((step + 1) % EVERY > 0) continue;
  const point = {
    step: step + 1,
    tensors: tf.memory().numTensors,
    megabytes: Math.round(process.memoryUsage.rss() / 1e5) / 10,
    seconds: Math.round((performance.now() - began) / 1000),
  };
  points.push(point);
  process.stdout.write(`${JSON.stringify({ ...point, losses: result.losses })}\n`);
}
trainer.dispose();

/** Megabytes a step by least squares. */
function slope(of: readonly { step: number; megabytes: number }[]): number {
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const x = mean(of.map(({ step }) => step));
  const y = mean(of.map(({ megabytes }) => megabytes));
  const spread = of.reduce((sum, { step }) => sum + (step - x) ** 2, 0);
  return of.reduce((sum, { step, megabytes }) => sum + (step - x) * (megabytes - y), 0) / spread;
}

const report = {
  engine: description,
  steps,
  tensors: [...new Set(points.map(({ tensors }) => tensors))],
  kilobytesPerStep: Math.round(slope(points.filter(({ step }) => step > SETTLED)) * 1e4) / 10,
  verdicts,
  points,
};
process.stdout.write(`${JSON.stringify({ ...report, points: undefined })}\n`);
if (values['json-out']) await writeFile(values['json-out'], `${JSON.stringify(report, null, 1)}\n`);
