/** What a monitor knows of training runs: the same shapes in the journal, in updates to browsers and in snapshots. */
import type { Point } from './min-max-series.ts';

export const LOSSES = [
  'discriminator',
  'adversarial',
  'content',
  'style',
  'temporal',
  'layers',
  'fields',
  'trajectory',
] as const;

/** Every curve of a run. `real`, `fake`: D(x), D(G(z)); rates per step; memory in bytes. */
export const SERIES = [
  ...LOSSES,
  'real',
  'fake',
  'generatorRate',
  'discriminatorRate',
  'stepsPerSecond',
  'memoryBytes',
] as const;

export type SeriesName = (typeof SERIES)[number];
export type Values = Partial<Record<SeriesName, number>>;

export const STATES = ['starting', 'running', 'paused', 'stopping', 'finished', 'failed'] as const;
/** `interrupted`: Node-RED ended while it ran. */
export type RunState = (typeof STATES)[number] | 'interrupted';

export interface RunStatus {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly updated: number;
  readonly state: RunState;
  readonly step: number;
  readonly steps: number;
  readonly phase?: string;
  readonly engine?: string;
  /** Sequences a step. */
  readonly batch?: number;
  /** Frames a sequence. */
  readonly frames?: number;
  readonly etaSeconds?: number;
  readonly dataWait?: number;
  readonly rollbacks: number;
  readonly problem?: string;
  readonly checkpointStep?: number;
}

/** One progress message, as browsers get it. */
export interface RunUpdate {
  readonly status: RunStatus;
  readonly values: Values;
  /** Step of a new sample strip. */
  readonly sample?: number;
}

export interface RunSnapshot {
  readonly status: RunStatus;
  readonly values: Values;
  readonly series: Partial<Record<SeriesName, { readonly width: number; readonly points: readonly Point[] }>>;
  /** Steps that have a sample strip. */
  readonly samples: readonly number[];
}

/** Actions of the trainer that the monitor's buttons send. */
export const ACTIONS = ['start', 'pause', 'resume', 'stop', 'save'] as const;
export type Action = (typeof ACTIONS)[number];
