/**
 * Seedable random numbers (sfc32, PractRand-tested, 128 bits of state). Same seed, same sequence, on every machine.
 */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
}

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | RandomState) {
    if (typeof seed === 'number') {
      this.#a = 0x9e3779b9 ^ seed;
      this.#b = 0x243f6a88;
      this.#c = 0xb7e15162 ^ Math.imul(seed, 0x85ebca6b);
      this.#d = 1;
      for (let i = 0; i < 16; i++) this.#next();
    } else {
      [this.#a, this.#b, this.#c, this.#d] = seed.words;
    }
  }

  #next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    this.#c |= 0;
    return t >>> 0;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.#next() / 2 ** 32);
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.uniform(0, n));
  }

  /** Normal with mean 0 and deviation 1 (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  pick<E>(list: readonly E[]): E {
    return list[this.int(list.length)]!;
  }

  /** For checkpoints: `new Random(r.state())` continues the sequence. */
  state(): RandomState {
    return { words: [this.#a, this.#b, this.#c, this.#d] };
  }
}
