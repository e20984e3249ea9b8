/** What a bench is and what it reports. */

/** Of repeated measurements, in the result's unit. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export interface Result extends Summary {
  readonly name: string;
  /** 'ms', 'ms/frame', 'frames/s', 'GFLOP/s', 'MB' ... */
  readonly unit: string;
  /** What the project wants to reach on 2 quiet cores, for people: nothing is asserted. */
  readonly target?: string;
  /** What the result is compared with, measured in the same run, in turn with it. */
  readonly baseline?: Summary & { readonly name: string };
  /** How many times better than the baseline, by the medians. */
  readonly ratio?: number;
  /** Plain JSON that explains the figure: stages, processor time, sizes. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface BenchOptions {
  /** Few runs: shows that everything works; the figures are rough. */
  readonly quick: boolean;
  /** A folder for what is written, removed afterwards. */
  readonly scratch: string;
  /** One line for people. */
  tell(line: string): void;
}

/** A bench cannot run here; the message says why. Not a failure. */
export class Skipped extends Error {}

/** @throws Skipped when it cannot run on this machine */
export type Bench = (options: BenchOptions) => Promise<Result[]>;

/** Three digits after the point at most: more are noise. */
export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** @param values at least one */
export function summarise(values: readonly number[]): Summary {
  return {
    median: round(median(values)),
    min: round(Math.min(...values)),
    max: round(Math.max(...values)),
    runs: values.length,
  };
}

/** Medians of what each run reports under the same key. */
export function medians<K extends string>(runs: readonly Readonly<Record<K, number>>[]): Record<K, number> {
  const keys = Object.keys(runs[0]!) as K[];
  return Object.fromEntries(keys.map((key) => [key, round(median(runs.map((run) => run[key])), 1)])) as Record<
    K,
    number
  >;
}
