import { LOSSES, STATES, type Values } from './types.ts';

/** A progress message of manga-trainer, as far as the monitor uses it. */
export interface Progress {
  readonly state: (typeof STATES)[number];
  readonly step: number;
  readonly steps: number;
  readonly values: Values;
  readonly phase?: string;
  readonly engine?: string;
  readonly etaSeconds?: number;
  readonly dataWait?: number;
  readonly rollbacks: number;
  readonly problem?: string;
  readonly checkpointStep?: number;
  /** Path of the newest sample strip. */
  readonly sample?: string;
  readonly run: {
    readonly id: string;
    readonly out?: string;
    readonly batch?: number;
    readonly frames?: number;
    readonly resumed: boolean;
  };
}

/** More is noise, and makes files and messages longer. */
const DIGITS = 6;

type Fields = Readonly<Record<string, unknown>>;

const object = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : undefined;
/** A loss that does not count in this phase is reported as 0: no value, rather than a curve along the ground. */
const counted = (value: unknown): number | undefined => number(value) || undefined;
const string = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);
const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;

/** @returns undefined for messages that are no training progress: plans, checkpoints, anything else */
export function readProgress(message: { readonly payload?: unknown; readonly run?: unknown }): Progress | undefined {
  const report = object(message.payload);
  const [step, steps] = [count(report.step), count(report.steps)];
  const state = STATES.find((each) => each === report.state);
  if (!state || step === undefined || steps === undefined) return undefined;
  const run = object(message.run);
  return {
    state,
    step,
    steps,
    values: valuesOf(report),
    phase: string(report.phase),
    engine: string(report.engine),
    etaSeconds: number(report.etaSeconds),
    dataWait: number(report.dataWait),
    rollbacks: count(report.rollbacks) ?? 0,
    problem: string(report.problem),
    checkpointStep: count(report.checkpointStep),
    sample: string(report.sample),
    // A message that lost its run on the way, in a function node: all of them are taken for one run.
    run: {
      id: string(run.id) ?? 'training',
      out: string(run.out),
      batch: number(run.batch),
      frames: number(run.frames),
      resumed: run.resumed === true,
    },
  };
}

function valuesOf(report: Fields): Values {
  const [losses, scores, rates] = [object(report.losses), object(report.scores), object(report.rates)];
  const found: Record<string, number | undefined> = {
    ...Object.fromEntries(LOSSES.map((name) => [name, counted(losses[name])])),
    real: number(scores.real),
    fake: number(scores.fake),
    generatorRate: number(rates.generator),
    discriminatorRate: number(rates.discriminator),
    stepsPerSecond: number(report.stepsPerSecond),
    memoryBytes: number(report.memoryBytes),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
