import { mkdir } from 'node:fs/promises';
import { MangaError, toMangaError } from '../../errors/manga-error.ts';
import { ioError } from '../../media/io-error.ts';
import type { TrainerSettings, TrainingReport } from '../../plan/types.ts';
import { setAside } from './earlier-run.ts';
import type { GanStep, GanTrainer } from './gan-trainer.ts';
import { Guard } from './guard.ts';
import { loadRun, type RunState, saveRun } from './run-folder.ts';

/** Roll-backs before a run gives up. */
const MOST_ROLLBACKS = 3;
const RATE_AFTER_ROLLBACK = 0.5;
/** Good steps between the states that a roll-back returns to, at least. */
const SAFE_EVERY = 50;
/** After two steps that took so long each step is made safe: a session that closes has no time to finish the next. One alone was compiled. */
const SLOW_STEP_SECONDS = 2;

export type TrainingAction = 'pause' | 'resume' | 'stop' | 'save';

export interface RunEvents {
  /** After every step, and after a save while paused. */
  onStep?(report: TrainingReport): void;
  /** Writes the exported checkpoint that sessions draw with. @param seconds of training so far @returns its path */
  export(step: number, seconds: number): Promise<string>;
  /** Writes a strip of pictures. @returns its path */
  sample(step: number): Promise<string>;
  /** Seconds that the data source waited. */
  waited(): number;
}

type Attempt =
  | { readonly kind: 'done'; readonly result: GanStep }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'left' };

/** What a run goes back to: the state after so many steps. */
interface SafePoint {
  readonly step: number;
  readonly state: RunState;
}

/** Thrown into a step that is not to be finished. */
const LEFT = new Error('The step was left.');

/** Drives a trainer through a run: schedule, saves, pause and stop, and what to do when learning breaks. */
export class TrainingRun {
  readonly #trainer: GanTrainer;
  readonly #settings: TrainerSettings;
  readonly #events: RunEvents;
  readonly #guard = new Guard();
  #report: TrainingReport;
  #stop = false;
  #leaving = false;
  #saveNow = false;
  #paused = false;
  /** Ends the wait of a paused run, so that it looks what is wanted. */
  #wake = (): void => {};
  /** Of the run before it was resumed here, and since. */
  #secondsBefore = 0;
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
    if (action === 'stop') this.#stop = true;
    if (action === 'pause' || action === 'resume') this.#paused = action === 'pause';
    if (action !== 'save') this.#showState();
    this.#wake();
  }

  /** As 'stop', for a process that must end soon: a step whose beginning is safe is not finished. */
  leave(): void {
    this.#leaving = true;
    this.control('stop');
  }

  #showState(): void {
    const asked = this.#paused ? 'paused' : 'running';
    this.#set({ state: this.#stop ? 'stopping' : asked });
  }

  /** Waits while the run is paused. It can be saved meanwhile. */
  async #whilePaused(step: number): Promise<void> {
    while (this.#paused && !this.#stop) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (this.#saveNow) {
        await this.#save(step, await this.#trainer.state());
        this.#events.onStep?.(this.#report);
      } else await woken;
    }
  }

  /** Runs to the end, or until stopped. @throws MangaError IO, INTERNAL when learning breaks for good */
  async run(): Promise<void> {
    try {
      await this.#train(await this.#begin());
      this.#set({ state: 'finished' });
      this.#events.onStep?.(this.#report);
    } catch (thrown) {
      const error = toMangaError(thrown);
      this.#set({ state: 'failed', problem: error.message });
      throw error;
    }
  }

  /** @returns the step to go on from */
  async #begin(): Promise<number> {
    const { out, resume } = this.#settings;
    let step = 0;
    if (resume) {
      const state = await loadRun(resume);
      this.#trainer.restore(state);
      step = Number(state.progress.step);
      this.#secondsBefore = Number(state.progress.seconds ?? 0);
    }
    const aside = await setAside(this.#settings);
    await mkdir(out, { recursive: true }).catch((error) => {
      throw ioError('Cannot make the folder', out, error);
    });
    this.#set({ step, ...(aside ? { aside } : {}) });
    this.#showState();
    return step;
  }

  async #train(from: number): Promise<void> {
    const { steps, saveMinutes, sampleEvery } = this.#settings;
    let step = from;
    let safe: SafePoint = { step, state: await this.#trainer.state() };
    let savedAt = Date.now();
    let tookBefore = 0;
    while (step < steps && !this.#stop) {
      await this.#whilePaused(step);
      if (this.#stop) break;
      const before = this.#seconds;
      const attempt = await this.#attempt(step, safe);
      if (attempt.kind === 'left') return safe.step > from ? this.#save(safe.step, safe.state) : undefined;
      if (attempt.kind === 'broken') {
        step = await this.#rollBack(safe, attempt.reason);
        continue;
      }
      const done = step + 1;
      const due = this.#saveNow || Date.now() - savedAt > saveMinutes * 60_000;
      const took = this.#seconds - before;
      const slow = Math.min(took, tookBefore) > SLOW_STEP_SECONDS;
      tookBefore = took;
      if (due || slow || done - safe.step >= SAFE_EVERY || done === steps) {
        const state = await this.#trainer.state();
        const lost = firstBroken(state);
        if (lost) {
          step = await this.#rollBack(safe, lostReason(lost));
          continue;
        }
        safe = { step: done, state };
      }
      step = done;
      this.#note(step, attempt.result);
      if (sampleEvery > 0 && step % sampleEvery === 0) this.#set({ sample: await this.#events.sample(step) });
      if (due) {
        await this.#save(step, safe.state);
        savedAt = Date.now();
      }
      this.#events.onStep?.(this.#report);
    }
    await this.#save(step, await this.#trainer.state());
  }

  /** One step, or why learning is broken. */
  async #attempt(index: number, safe: SafePoint): Promise<Attempt> {
    const began = performance.now();
    const between = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#leaving && safe.step === index) throw LEFT;
    };
    try {
      const result = await this.#trainer.step(index, between);
      const verdict = this.#guard.check(result);
      return verdict ? { kind: 'broken', reason: verdict.reason } : { kind: 'done', result };
    } catch (error) {
      if (error === LEFT) return { kind: 'left' };
      // Some operations throw on what is no number, before there is a loss to look at.
      const lost = firstBroken(await this.#trainer.state());
      if (!lost) throw error;
      return { kind: 'broken', reason: lostReason(lost) };
    } finally {
      this.#seconds += (performance.now() - began) / 1000;
      this.#took++;
    }
  }

  async #rollBack(safe: SafePoint, reason: string): Promise<number> {
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

  async #save(step: number, state: RunState): Promise<void> {
    this.#saveNow = false;
    const broken = firstBroken(state);
    if (broken) return this.#set({ problem: `Step ${step} was not saved: ${broken} holds what is no number.` });
    const { out, steps, keep } = this.#settings;
    const seconds = Math.round(this.#secondsBefore + this.#seconds);
    await saveRun(out, step, { tensors: state.tensors, progress: { ...state.progress, step, steps, seconds } }, keep);
    this.#set({ checkpoint: await this.#events.export(step, seconds), checkpointStep: step });
  }

  #note(step: number, { phase, losses, rates, scores }: GanStep): void {
    const stepsPerSecond = this.#took / Math.max(this.#seconds, 1e-9);
    this.#set({
      step,
      phase,
      losses,
      rates,
      memoryBytes: process.memoryUsage.rss(),
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

const lostReason = (name: string): string => `The weights ${name} are no numbers any more.`;

/** Name of a tensor that holds what is no finite number: the losses show that one step too late for a checkpoint. */
function firstBroken({ tensors }: RunState): string | undefined {
  for (const [name, { data }] of tensors) if (!data.every(Number.isFinite)) return name;
  return undefined;
}
