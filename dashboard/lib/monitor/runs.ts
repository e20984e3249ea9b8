import { basename, extname } from 'node:path';
import type { Progress } from './read-report.ts';
import { Run } from './run.ts';
import type { RunSnapshot, RunStatus, RunUpdate } from './types.ts';

/** Runs remembered; the oldest is forgotten first. */
export const MOST_RUNS = 8;

/** Paths of sample strips, by step. Never leaves the server. */
type Files = Record<number, string>;

/** What the journal holds of a run: a snapshot, with its files. */
export interface StoredRun {
  readonly run: RunSnapshot;
  readonly files: Files;
}

/** One change, as the journal holds it. */
export interface StoredUpdate {
  readonly update: RunUpdate;
  readonly file?: string;
}

/** The runs that one monitor saw, oldest first. */
export class Runs {
  readonly #runs = new Map<string, { readonly run: Run; readonly files: Map<number, string> }>();
  readonly #now: () => number;
  /** A resumed run goes on under the id of the run it resumes. */
  readonly #aliases = new Map<string, string>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get list(): Run[] {
    return [...this.#runs.values()].map(({ run }) => run);
  }

  get(id: string): Run | undefined {
    return this.#runs.get(id)?.run;
  }

  /** Path of a sample strip. */
  file(id: string, step: number): string | undefined {
    return this.#runs.get(id)?.files.get(step);
  }

  /** Notes a progress message. @returns what changed */
  take(progress: Progress): StoredUpdate {
    const id = this.#identify(progress);
    const known = this.#runs.get(id);
    const { state, step, steps, phase, engine, etaSeconds, dataWait, rollbacks, problem, checkpointStep } = progress;
    const file = progress.sample === newestOf(known?.files) ? undefined : pngOnly(progress.sample);
    const status: RunStatus = {
      id,
      name: known?.run.status.name ?? (progress.run.out ? basename(progress.run.out) : 'training'),
      began: known?.run.status.began ?? this.#now(),
      updated: this.#now(),
      state,
      // Before a resumed run has read its checkpoint it says step 0.
      step: state === 'starting' && known ? known.run.status.step : step,
      steps,
      phase: phase ?? known?.run.status.phase,
      engine,
      batch: progress.run.batch,
      frames: progress.run.frames,
      etaSeconds,
      dataWait,
      rollbacks,
      problem,
      checkpointStep,
    };
    const unchanged = known !== undefined && known.run.status.step === status.step;
    const change: StoredUpdate = {
      update: {
        status,
        values: unchanged || state === 'starting' ? {} : progress.values,
        ...(file ? { sample: stepOf(file) ?? step } : {}),
      },
      ...(file ? { file } : {}),
    };
    this.apply(change);
    return change;
  }

  /** Takes a change in, new or read from the journal. */
  apply({ update, file }: StoredUpdate): void {
    const { id } = update.status;
    let entry = this.#runs.get(id);
    if (!entry) {
      entry = { run: Run.begin({ ...update.status, step: 0 }), files: new Map() };
      this.#runs.set(id, entry);
      while (this.#runs.size > MOST_RUNS) this.#runs.delete(this.#runs.keys().next().value!);
    }
    entry.run.take(update);
    if (file && update.sample !== undefined) entry.files.set(update.sample, file);
    const kept = new Set(entry.run.samples);
    if (entry.files.size > kept.size) {
      for (const step of entry.files.keys()) if (!kept.has(step)) entry.files.delete(step);
    }
  }

  store(): StoredRun[] {
    return [...this.#runs.values()].map(({ run, files }) => ({
      run: run.snapshot(),
      files: Object.fromEntries(files),
    }));
  }

  restore({ run, files }: StoredRun): void {
    const steps = Object.entries(files).map(([step, path]) => [Number(step), path] as const);
    this.#runs.set(run.status.id, { run: new Run(run), files: new Map(steps) });
  }

  /** Runs that went on when Node-RED ended: whether they still do, their next message tells. */
  interrupt(): void {
    for (const { run } of this.#runs.values()) {
      const { status } = run;
      if (status.state === 'finished' || status.state === 'failed') continue;
      run.take({ status: { ...status, state: 'interrupted' }, values: {} });
    }
  }

  /** What resumes the newest run with the same folder belongs to it. */
  #identify({ run, step }: Progress): string {
    const known = this.#aliases.get(run.id);
    if (known) return known;
    let id = run.id;
    if (!this.#runs.has(id) && run.resumed && run.out) {
      const name = basename(run.out);
      const before = this.list.findLast(({ status }) => status.name === name && status.step >= step);
      id = before?.status.id ?? id;
    }
    this.#aliases.set(run.id, id);
    return id;
  }
}

const newestOf = (files: ReadonlyMap<number, string> | undefined): string | undefined =>
  [...(files?.values() ?? [])].at(-1);

/** Nothing else is ever served as a strip. */
const pngOnly = (path: string | undefined): string | undefined => (path && extname(path) === '.png' ? path : undefined);

/** The trainer names strips by their step: .../step-00000100.png. */
function stepOf(path: string): number | undefined {
  const digits = /(\d+)\.png$/.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
