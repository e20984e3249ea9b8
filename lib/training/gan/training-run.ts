import { MangaError, toMangaError } from '../../errors/manga-error.ts';
import type { TrainerSettings, TrainingReport } from '../../plan/types.ts';
import { setAside } from './earlier-run.ts';
import type { GanStep, GanTrainer } from './gan-trainer.ts';
import { Guard, type GuardState } from './guard.ts';
import { RunClock } from './run-clock.ts';
import { checkFits, type LoadedRun, type RunState } from './run-folder.ts';
import type { Attempt, RunEvents, RunOrigin, SafePoint } from './run-parts.ts';
import { ratesDiffer, recordOf } from './run-record.ts';
import { firstBroken, type RunProgress, RunStore } from './run-store.ts';

/** Roll-backs before a run gives up. */
const MOST_ROLLBACKS = 3;
const RATE_AFTER_ROLLBACK = 0.5;
/** The discriminator's rate, when it has won: nothing is broken, the run goes on. */
const RATE_OF_A_WINNER = 0.5;
/** Good steps between the states that a roll-back returns to, at least. */
const SAFE_EVERY = 50;
/** After two steps that took so long each step is made safe: a session that closes has no time to finish the next. One alone was compiled. */
const SLOW_STEP_SECONDS = 2;

export type TrainingAction = 'pause' | 'resume' | 'stop' | 'save';

/** Thrown into a step that is not to be finished. */
const LEFT = new Error('The step was left.');

/** Drives a trainer through a run: schedule, saves, pause and stop, and what to do when learning breaks. */
export class TrainingRun {
  readonly #trainer: GanTrainer;
  readonly #settings: TrainerSettings;
  readonly #events: RunEvents;
  readonly #origin: RunOrigin;
  readonly #store: RunStore;
  readonly #guard = new Guard();
  readonly #clock: RunClock;
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
  /** What the run goes back to, and what is rescued when it fails. */
  #safe: SafePoint | undefined;

  constructor(trainer: GanTrainer, settings: TrainerSettings, events: RunEvents, origin: RunOrigin) {
    this.#trainer = trainer;
    this.#settings = settings;
    this.#events = events;
    this.#origin = origin;
    this.#store = new RunStore(origin.record);
    this.#clock = new RunClock(settings);
    const known = { engine: origin.record.engine, steps: settings.steps, ...events.data() };
    this.#report = { state: 'starting', step: 0, losses: {}, rollbacks: 0, ...known };
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
        await this.#trySave(step, await this.#state());
        this.#events.onStep?.(this.#report);
      } else await woken;
    }
  }

  /** Runs to the end, or until stopped; saves what was learned also when it fails. @throws MangaError IO, INTERNAL when learning breaks for good */
  async run(): Promise<void> {
    try {
      await this.#train(await this.#begin());
      this.#set({ state: 'finished' });
      this.#events.onStep?.(this.#report);
    } catch (thrown) {
      const cause = toMangaError(thrown);
      const rescued = await this.#rescue();
      const error = rescued ? new MangaError(cause.code, `${cause.message} ${rescued}`, undefined, { cause }) : cause;
      this.#set({ state: 'failed', problem: error.message });
      throw error;
    }
  }

  /** @returns what to go on from */
  async #begin(): Promise<SafePoint> {
    const { resumed } = this.#origin;
    if (resumed) await this.#goOn(resumed);
    const step = this.#store.savedStep;
    const aside = await setAside(this.#settings);
    await this.#store.prepare();
    this.#set({ step, ...(aside ? { aside } : {}) });
    this.#showState();
    return { step, state: await this.#state() };
  }

  /** @throws MangaError BAD_SETTING when the state is of other networks */
  async #goOn(resumed: LoadedRun): Promise<void> {
    checkFits(resumed, await this.#trainer.state());
    const { step, seconds = 0, rollbacks = 0, guard } = resumed.progress;
    this.#trainer.restore(resumed);
    if (guard) this.#guard.restore(guard as GuardState);
    this.#store.savedStep = Number(step);
    this.#secondsBefore = Number(seconds);
    const changed = ratesDiffer(recordOf(resumed)?.settings ?? this.#settings, this.#settings);
    // Rates that were set since count as they are set.
    if (changed) this.#trainer.rateScale = this.#trainer.discriminatorScale = 1;
    this.#set({ rollbacks: changed ? 0 : Number(rollbacks) });
    if (resumed.passedOver) this.#set({ problem: resumed.passedOver });
  }

  /** What the players and the guard know now. */
  async #state(): Promise<RunState> {
    const { tensors, progress } = await this.#trainer.state();
    return { tensors, progress: { ...progress, guard: this.#guard.state() } };
  }

  async #train(begun: SafePoint): Promise<void> {
    const { steps, saveMinutes, sampleEvery } = this.#settings;
    let [safe, step] = [begun, begun.step];
    let [savedAt, tookBefore] = [Date.now(), 0];
    while (step < steps && !this.#stop) {
      this.#safe = safe;
      await this.#whilePaused(step);
      if (this.#stop) break;
      const before = this.#seconds;
      const attempt = await this.#attempt(step, safe);
      if (attempt.kind === 'left') return safe.step > begun.step ? this.#save(safe.step, safe.state) : undefined;
      if (attempt.kind === 'broken') {
        safe = this.#rollBack(safe, attempt.reason);
        step = safe.step;
        continue;
      }
      const done = step + 1;
      const due = this.#saveNow || Date.now() - savedAt > saveMinutes * 60_000;
      const took = this.#seconds - before;
      const slow = Math.min(took, tookBefore) > SLOW_STEP_SECONDS;
      tookBefore = took;
      if (due || slow || done - safe.step >= SAFE_EVERY || done === steps) {
        const state = await this.#state();
        const lost = firstBroken(state);
        if (lost) {
          safe = this.#rollBack(safe, lostReason(lost));
          step = safe.step;
          continue;
        }
        safe = { step: done, state };
      }
      this.#clock.took(step, took);
      step = done;
      this.#note(step, attempt.result);
      if (sampleEvery > 0 && step % sampleEvery === 0) await this.#trySample(step);
      if (due) {
        await this.#trySave(step, safe.state);
        savedAt = Date.now();
      }
      this.#events.onStep?.(this.#report);
    }
    this.#safe = safe;
    await this.#save(step, await this.#state());
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
      if (verdict?.kind === 'outplayed') {
        this.#trainer.discriminatorScale *= RATE_OF_A_WINNER;
        this.#set({ problem: `${verdict.reason} It is halved.` });
        return { kind: 'done', result };
      }
      return verdict ? { kind: 'broken', reason: verdict.reason } : { kind: 'done', result };
    } catch (error) {
      if (error === LEFT) return { kind: 'left' };
      // Some operations throw on what is no number, before there is a loss to look at.
      const lost = firstBroken(await this.#trainer.state());
      if (!lost) throw error;
      return { kind: 'broken', reason: lostReason(lost) };
    } finally {
      this.#seconds += (performance.now() - began) / 1000;
    }
  }

  /** @returns what the run goes on from: the same state, at a lower rate */
  #rollBack({ step, state }: SafePoint, reason: string): SafePoint {
    const rollbacks = this.#report.rollbacks + 1;
    if (rollbacks > MOST_ROLLBACKS) {
      throw new MangaError(
        'INTERNAL',
        `Training broke ${rollbacks} times. ${reason}`,
        `It was taken back, last to step ${step}, at half the learning rate each time. Use more data, a smaller learning rate or less adversarial weight.`,
      );
    }
    const rateScale = this.#trainer.rateScale * RATE_AFTER_ROLLBACK;
    this.#guard.reset();
    const again = { tensors: state.tensors, progress: { ...state.progress, rateScale, guard: this.#guard.state() } };
    this.#trainer.restore(again);
    this.#set({ step, rollbacks, problem: `${reason} Back to step ${step}, learning rate halved.` });
    return { step, state: again };
  }

  get #progress(): RunProgress {
    const seconds = Math.round(this.#secondsBefore + this.#seconds);
    return { seconds, rollbacks: this.#report.rollbacks };
  }

  async #save(step: number, state: RunState): Promise<void> {
    this.#saveNow = false;
    await this.#store.save(step, state, this.#progress);
    await this.#export(step);
  }

  async #export(step: number): Promise<void> {
    const checkpoint = await this.#events.export(step, this.#progress.seconds);
    this.#set({ checkpoint, checkpointStep: step });
  }

  /** Saves in the midst of a run, which goes on when that fails: there may be room again next time. */
  async #trySave(step: number, state: RunState): Promise<void> {
    await this.#save(step, state).catch((error) => {
      this.#set({ problem: `Step ${step} was not saved. ${toMangaError(error).message}` });
    });
  }

  async #trySample(step: number): Promise<void> {
    try {
      this.#set({ sample: await this.#events.sample(step) });
    } catch (error) {
      this.#set({ problem: `The sample of step ${step} was not written. ${toMangaError(error).message}` });
    }
  }

  /** Saves what is safe of a run that failed. @returns what became of it, for people */
  async #rescue(): Promise<string> {
    const safe = this.#safe;
    if (!safe || safe.step <= this.#store.savedStep) return '';
    try {
      await this.#store.rescue(safe.step, safe.state, this.#progress);
      this.#trainer.restore(safe.state);
      await this.#export(safe.step);
      return `Step ${safe.step} was saved.`;
    } catch (error) {
      return `Step ${safe.step} could not be saved: ${toMangaError(error).message}`;
    }
  }

  #note(step: number, { phase, losses, rates, scores }: GanStep): void {
    this.#set({
      step,
      phase,
      losses,
      rates,
      memoryBytes: process.memoryUsage.rss(),
      ...(scores ? { scores } : {}),
      ...this.#events.data(),
      stepsPerSecond: this.#clock.stepsPerSecond(step - 1),
      etaSeconds: this.#clock.secondsLeft(step),
      dataWait: Math.min(1, this.#events.waited() / Math.max(this.#seconds, 1e-9)),
    });
  }

  #set(change: Partial<TrainingReport>): void {
    this.#report = { ...this.#report, ...change };
  }
}

const lostReason = (name: string): string => `The weights ${name} are no numbers any more.`;
