import { MinMaxSeries } from './min-max-series.ts';
import type { RunSnapshot, RunStatus, RunUpdate, SeriesName, Values } from './types.ts';

/** Sample strips remembered of a run; when there are more, every second one is forgotten. */
const MOST_SAMPLES = 400;

/** One run's status and curves, in Node-RED and in the browser. */
export class Run {
  #status: RunStatus;
  #values: Values;
  readonly #series = new Map<SeriesName, MinMaxSeries>();
  #samples: number[];

  constructor({ status, values, series, samples }: RunSnapshot) {
    this.#status = status;
    this.#values = values;
    this.#samples = [...samples];
    for (const [name, { width, points }] of Object.entries(series)) {
      this.#series.set(name as SeriesName, MinMaxSeries.from(points, width));
    }
  }

  static begin(status: RunStatus): Run {
    return new Run({ status, values: {}, series: {}, samples: [] });
  }

  get status(): RunStatus {
    return this.#status;
  }

  /** The newest value of each curve. */
  get values(): Values {
    return this.#values;
  }

  /** Steps that have a sample strip, in order. */
  get samples(): readonly number[] {
    return this.#samples;
  }

  series(name: SeriesName): MinMaxSeries | undefined {
    return this.#series.get(name);
  }

  /** Takes a step's values in; a step that is not after the last one undoes what came after it. */
  take({ status, values, sample }: RunUpdate): void {
    const { step } = status;
    if (step < this.#status.step) {
      for (const series of this.#series.values()) series.rewind(step + 1);
      this.#samples = this.#samples.filter((at) => at <= step);
    }
    this.#status = status;
    this.#values = { ...this.#values, ...values };
    for (const [name, value] of Object.entries(values) as [SeriesName, number][]) {
      const series = this.#series.get(name) ?? new MinMaxSeries();
      this.#series.set(name, series);
      series.push(step, value);
    }
    if (sample !== undefined && sample > (this.#samples.at(-1) ?? -1)) this.#addSample(sample);
  }

  snapshot(): RunSnapshot {
    return {
      status: this.#status,
      values: this.#values,
      series: Object.fromEntries(
        [...this.#series].map(([name, series]) => [name, { width: series.width, points: series.points() }]),
      ),
      samples: this.#samples,
    };
  }

  #addSample(step: number): void {
    this.#samples = [...this.#samples, step];
    if (this.#samples.length <= MOST_SAMPLES) return;
    const last = this.#samples.length - 1;
    this.#samples = this.#samples.filter((_, index) => (last - index) % 2 === 0);
  }
}
