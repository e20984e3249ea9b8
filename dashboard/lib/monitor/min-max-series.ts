/**
 * A curve of bounded size, whatever the number of steps: each bucket of steps keeps its lowest and its highest value, so
 * that spikes are never averaged away. When the buckets run out, their width doubles and neighbours merge.
 * Adding a point costs O(1), amortised.
 */

/** Points kept of a series, at most: two a bucket. */
export const MOST_POINTS = 500;

/** [step, value] */
export type Point = readonly [number, number];

interface Bucket {
  readonly index: number;
  low: Point;
  high: Point;
}

export class MinMaxSeries {
  #width: number;
  #buckets: Bucket[] = [];

  constructor(width = 1) {
    this.#width = width;
  }

  /** Steps a bucket. */
  get width(): number {
    return this.#width;
  }

  get last(): Point | undefined {
    const bucket = this.#buckets.at(-1);
    return bucket && (bucket.low[0] > bucket.high[0] ? bucket.low : bucket.high);
  }

  /** Steps go up; one that does not goes back in time: what came later was undone and is forgotten. */
  push(step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    this.rewind(step);
    this.#add([step, value]);
    while (this.#buckets.length > MOST_POINTS / 2) this.#halve();
  }

  /** Forgets what was noted at this step and later. */
  rewind(step: number): void {
    while (this.#buckets.length > 0 && this.#buckets.at(-1)!.index * this.#width >= step) this.#buckets.pop();
    const bucket = this.#buckets.at(-1);
    if (!bucket) return;
    const kept = [bucket.low, bucket.high].filter(([at]) => at < step);
    if (kept.length === 2) return;
    if (kept.length === 0) this.#buckets.pop();
    else bucket.low = bucket.high = kept[0]!;
  }

  /** In order of steps. */
  points(): Point[] {
    return this.#buckets.flatMap(({ low, high }) => {
      if (low === high) return [low];
      return low[0] < high[0] ? [low, high] : [high, low];
    });
  }

  /** The series that had these points; go on with {@link push}. */
  static from(points: readonly Point[], width: number): MinMaxSeries {
    const series = new MinMaxSeries(width);
    for (const point of points) series.#add(point);
    return series;
  }

  #add(point: Point): void {
    const index = Math.floor(point[0] / this.#width);
    const bucket = this.#buckets.at(-1);
    if (bucket?.index !== index) {
      this.#buckets.push({ index, low: point, high: point });
      return;
    }
    if (point[1] < bucket.low[1]) bucket.low = point;
    if (point[1] >= bucket.high[1]) bucket.high = point;
  }

  #halve(): void {
    const points = this.points();
    this.#width *= 2;
    this.#buckets = [];
    for (const point of points) this.#add(point);
  }
}
