import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MangaError, toMangaError } from '../../errors/manga-error.ts';
import type { TrainerSettings, TrainingReport } from '../../plan/types.ts';
import type { GanStep, GanTrainer } from './gan-trainer.ts';
import { Guard } from './guard.ts';
import { loadRun, type RunState, saveRun } from './run-folder.ts';

/** Roll-backs before a run gives up. */
const MOST_ROLLBACKS = 3;
const RATE_AFTER_ROLLBACK = 0.5;
/** Good steps between the states that a roll-back returns to, at least. */
const SAFE_EVERY = 50;

export type TrainingAction = 'pause' | 'resume' | 'stop' | 'save';

export interface RunEvents {
  /** After every step. */
  onStep?(report: TrainingReport): void;
  /** Writes the exported checkpoint that sessions draw with. @returns its path */
  export(step: number): Promise<string>;
  /** Writes a strip of pictures. @returns its path */
  sample(step: number): Promise<string>;
  /** Seconds that the data source waited. */
  waited(): number;
}

/** Drives a trainer through a run: schedule, saves, pause and stop, and what to do when learning breaks. */
export class TrainingRun {
  readonly #trainer: GanTrainer;
  readonly #settings: TrainerSettings;
  readonly #events: RunEvents;
  readonly #guard = new Guard();
  #report: TrainingReport;
  #stop = false;
  #saveNow = false;
  #paused: { readonly promise: Promise<void>; readonly resume: () => void } | null = null;
  #seconds = 0;
  #took = 0;

  constructor(trainer: GanTrainer, settings: TrainerSettings, events: RunEvents) {
    this.#trainer = trainer;
    this.#settings = settings;
    this.#events = events;
    this.#report = { state: 'starting', step: 0, steps: settings.steps, losses: {}, rollbacks: 0 };
  }

  get report(): TrainingReport {
    return this.#report;
  }

  control(action: TrainingAction): void {
    if (action === 'save') this.#saveNow = true;
    if (action === 'pause' && !this.#paused) {
      let resume = () => {};
      const promise = new Promise<void>((resolve) => {
        resume = resolve;
      });
      this.#paused = { promise, resume };
      this.#set({ state: 'paused' });
    }
    if (action === 'resume' || action === 'stop') {
      this.#paused?.resume();
      this.#paused = null;
    }
    if (action === 'resume') this.#set({ state: 'running' });
    if (action === 'stop') {
      this.#stop = true;
      this.#set({ state: 'stopping' });
    }
  }

  /** Runs to the end, or until stopped. @throws MangaError IO, INTERNAL when learning breaks for good */
  async run(): Promise<void> {
    const { out, resume, steps, saveMinutes, sampleEvery } = this.#settings;
    await mkdir(out, { recursive: true });
    let step = 0;
    if (resume) {
      const state = await loadRun(resume);
      this.#trainer.restore(state);
      step = Number(state.progress.step);
    }
    let safe: { readonly step: number; readonly state: RunState } = { step, state: await this.#trainer.state() };
    let savedAt = Date.now();
    this.#set({ state: 'running', step });
    try {
      while (step < steps && !this.#stop) {
        await this.#paused?.promise;
        if (this.#stop) break;
        const began = performance.now();
        const result = await this.#trainer.step(step, () => new Promise((resolve) => setImmediate(resolve)));
        this.#seconds += (performance.now() - began) / 1000;
        this.#took++;
        const verdict = this.#guard.check({
          losses: result.losses,
          scores: result.scores,
          diversity: result.diversity,
        });
        if (verdict) {
          step = await this.#rollBack(safe, verdict.reason);
          continue;
        }
        step++;
        this.#note(step, result);
        if (step - safe.step >= SAFE_EVERY) safe = { step, state: await this.#trainer.state() };
        if (sampleEvery > 0 && step % sampleEvery === 0) this.#set({ sample: await this.#events.sample(step) });
        if (this.#saveNow || Date.now() - savedAt > saveMinutes * 60_000) {
          await this.#save(step);
          savedAt = Date.now();
        }
        this.#events.onStep?.(this.#report);
      }
      await this.#save(step);
      this.#set({ state: 'finished' });
      this.#events.onStep?.(this.#report);
    } catch (thrown) {
      const error = toMangaError(thrown);
      this.#set({ state: 'failed', problem: error.message });
      throw error;
    }
  }

  async #rollBack(safe: { readonly step: number; readonly state: RunState }, reason: string): Promise<number> {
    const rollbacks = this.#report.rollbacks + 1;
    if (rollbacks > MOST_ROLLBACKS) {
      throw new MangaError(
        'INTERNAL',
        `Training broke ${rollbacks} times. ${reason}`,
        `It was taken back to step ${safe.step} each time, at half the learning rate. Use more data, a smaller learning rate or less adversarial weight.`,
      );
    }
    const rateScale = this.#trainer.rateScale * RATE_AFTER_ROLLBACK;
    this.#trainer.restore(safe.state);
    this.#trainer.rateScale = rateScale;
    this.#guard.reset();
    this.#set({ step: safe.step, rollbacks, problem: `${reason} Back to step ${safe.step}, learning rate halved.` });
    return safe.step;
  }

  async #save(step: number): Promise<void> {
    this.#saveNow = false;
    const { tensors, progress } = await this.#trainer.state();
    await saveRun(this.#settings.out, step, { tensors, progress: { ...progress, step } }, this.#settings.keep);
    this.#set({ checkpoint: await this.#events.export(step) });
  }

  #note(step: number, { phase, losses, scores }: GanStep): void {
    const stepsPerSecond = this.#took / Math.max(this.#seconds, 1e-9);
    this.#set({
      step,
      phase,
      losses,
      ...(scores ? { scores } : {}),
      stepsPerSecond,
      etaSeconds: (this.#settings.steps - step) / stepsPerSecond,
      dataWait: Math.min(1, this.#events.waited() / Math.max(this.#seconds, 1e-9)),
    });
  }

  #set(change: Partial<TrainingReport>): void {
    this.#report = { ...this.#report, ...change };
  }
}

/** Folder of the sample strips in a run's folder. */
export function samplePath(out: string, step: number): string {
  return join(out, 'samples', `step-${String(step).padStart(8, '0')}.png`);
}
