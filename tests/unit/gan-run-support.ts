/** Training runs by a plan in processes of their own, for the tests. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { trainerSchema } from '../../lib/plan/settings.ts';
import type { Plan, TrainingReport } from '../../lib/plan/types.ts';
import { samplePhotos } from '../../lib/samples.ts';
import type { TrainingAction } from '../../lib/training/gan/training-run.ts';
import { PARALLEL, planOf } from './plan-support.ts';

export const STEPS = 12;
/** Of this test file, gone after it. */
export const folder = mkdtempSync(join(tmpdir(), 'motion-manga-gan-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Tiny: side 32, 3 frames, batch 2, small discriminator; all losses, and the three phases. */
export async function tinyPlan(more: Readonly<Record<string, Record<string, unknown>>> = {}): Promise<Plan> {
  const { plan } = await planOf(PARALLEL, {
    dataset: { photos: samplePhotos(), photosType: 'str', side: 32, frames: 3, longSide: 256 },
    decoder: { trainSide: 32, trainFrames: 3 },
    discriminator: { channels: 8 },
    ...more,
  });
  return plan;
}

/** A run in a child process, and the reports it sends. */
export class Run {
  readonly out: string;
  readonly reports: TrainingReport[] = [];
  readonly #child: ChildProcess;
  readonly exited: Promise<unknown>;

  constructor(plan: Plan, name: string, settings: Record<string, unknown> = {}) {
    this.out = join(folder, name);
    const fast = { steps: STEPS, batch: 2, microBatch: 2, sampleEvery: 0, saveMinutes: 60 };
    const trainer = trainerSchema.parse({ out: this.out, ...fast, ...settings });
    const program = join(import.meta.dirname, 'gan-run-child.ts');
    this.#child = fork(program, [JSON.stringify({ plan, settings: trainer })], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (report) => this.reports.push(report as TrainingReport));
    this.exited = once(this.#child, 'exit');
  }

  /** The first report, from now on, that is as wanted. */
  async until(wanted: (report: TrainingReport) => boolean): Promise<TrainingReport> {
    for (;;) {
      const [report] = (await Promise.race([
        once(this.#child, 'message'),
        this.exited.then(() => assert.fail(`the run ended: ${JSON.stringify(this.reports.at(-1))}`)),
      ])) as [TrainingReport];
      if (wanted(report)) return report;
    }
  }

  tell(action: TrainingAction): void {
    this.#child.send(action);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Losses by step: the last report of each. */
  get losses(): Map<number, Record<string, number>> {
    return new Map(this.reports.map(({ step, losses }) => [step, losses]));
  }
}

/** Every step of a run has the losses of the same step of another. */
export function assertSameLosses(run: Run, whole: Run, where: string): void {
  for (const [step, losses] of run.losses) {
    const expected = whole.losses.get(step)!;
    assert.deepEqual(Object.keys(losses), Object.keys(expected), `${where}, step ${step}`);
    for (const [name, value] of Object.entries(losses)) {
      const off = Math.abs(value - expected[name]!);
      assert.ok(off <= 1e-6, `${where}, step ${step}: ${name} ${value} ${expected[name]}`);
    }
  }
}
