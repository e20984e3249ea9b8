/** One soak: drops files into a real Node-RED's hot folder, breaks what can be broken meanwhile, and judges what is left. */
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../lib/random.ts';
import { put } from './drop.ts';
import { CLIP_ENDING, type FlowOptions, writeFlow } from './flow.ts';
import { Home } from './home.ts';
import { finished, judge, look, type Verdict } from './judge.ts';
import { judgeMemory } from './memory.ts';
import { NodeRed } from './node-red.ts';
import { type Drop, plan } from './plan.ts';

export interface SoakOptions extends FlowOptions {
  readonly images: number;
  /** A kill -9 each time so many files are over; 0: none. The last fifth is left in peace, to see memory. */
  readonly killEvery: number;
  readonly seed: number;
  /** No more files are dropped after this time. */
  readonly minutes: number;
  /** Times that the disk is full. */
  readonly diskFull: number;
  /** File for what Node-RED prints. */
  readonly log: string;
  /** Leaves the folders for a look. */
  readonly keep: boolean;
  /** One line for people. */
  tell(line: string): void;
}

export interface SoakResult {
  readonly ok: boolean;
  /** What happened, in one line. */
  readonly line: string;
  readonly verdict: Verdict;
  readonly kills: number;
}

const LOOK_MS = 250;
/** Files dropped and not over yet: so many that there is always work when something is killed. */
const BACKLOG = 60;
/** Empty files are given up after a minute; nothing else takes that long. */
const STUCK_MS = 150_000;
const DISK_FULL_MS = 6000;
const PEACEFUL = 0.2;

class Soak {
  readonly #options: SoakOptions;
  readonly #home = new Home();
  readonly #red: NodeRed;
  readonly #random: Random;
  readonly #drops: Drop[] = [];
  readonly #began = performance.now();
  #over = 0;
  #dropping = true;
  /** While the disk is full or about to be, nobody drops: a camera could not either. */
  #hold = false;
  #writing = 0;
  readonly #kills = { nodeRed: 0, session: 0 };
  #diskWasFull = 0;
  readonly #recoveries: number[] = [];
  /** The last kill, until work goes on: when, and how many files will be over without what was killed. */
  #killed: { readonly at: number; readonly over: number } | undefined;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = new Random(options.seed ^ 0x50a4);
    this.#red = new NodeRed(this.#home.path, options.log);
  }

  async run(): Promise<SoakResult> {
    const { tell, diskFull, keep } = this.#options;
    if (diskFull > 0 && this.#home.noSmallDisk) tell(`the disk cannot be filled: ${this.#home.noSmallDisk}`);
    writeFlow(this.#home, this.#options);
    try {
      this.#red.start();
      const dropping = this.#dropAll();
      const stuck = await this.#untilOver();
      this.#dropping = false;
      await dropping;
      return await this.#judge(stuck);
    } finally {
      await this.#red.kill();
      if (keep) tell(`left for a look: ${this.#home.path}`);
      else this.#home.remove();
    }
  }

  async #dropAll(): Promise<void> {
    const { images, seed, minutes, settleMs } = this.#options;
    const files = plan(seed, images);
    const lane = async (): Promise<void> => {
      while (this.#dropping) {
        if (this.#hold || this.#drops.length - this.#over >= BACKLOG) {
          await sleep(LOOK_MS);
          continue;
        }
        if (performance.now() - this.#began > minutes * 60_000) return;
        this.#writing++;
        try {
          const { value: drop, done } = await files.next();
          if (done) return;
          this.#drops.push(drop);
          await put(drop, this.#home, this.#random, settleMs);
        } finally {
          this.#writing--;
        }
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    this.#dropping = false;
  }

  /** @returns what got stuck; undefined: nothing */
  async #untilOver(): Promise<string | undefined> {
    const { images, killEvery, diskFull } = this.#options;
    let nextKill = killEvery || Number.POSITIVE_INFINITY;
    let changed = performance.now();
    for (;;) {
      await sleep(LOOK_MS);
      const over = await this.#countOver();
      if (over > this.#over) {
        changed = performance.now();
        this.#over = over;
        if (this.#killed && over > this.#killed.over) {
          this.#recoveries.push(changed - this.#killed.at);
          this.#killed = undefined;
        }
      }
      if (this.#red.crashed) this.#red.start();
      if (!this.#dropping && over >= this.#drops.length && (await this.#isQuiet())) return undefined;
      if (performance.now() - changed > STUCK_MS) return `nothing happened for ${STUCK_MS / 1000} s`;
      const all = this.#dropping ? images : this.#drops.length;
      const mayBreak = this.#killed === undefined && this.#drops.length - over > 3 && over <= all * (1 - PEACEFUL);
      if (mayBreak && over >= nextKill) {
        await this.#kill();
        nextKill = (Math.floor(over / killEvery) + 1) * killEvery;
      } else if (
        mayBreak &&
        this.#diskWasFull < diskFull &&
        over >= ((this.#diskWasFull + 0.5) * images) / (diskFull + 1)
      ) {
        await this.#fillDisk();
        changed = performance.now();
      }
    }
  }

  /** A quick count, without looking at names. */
  async #countOver(): Promise<number> {
    const { inbox } = this.#home;
    const [done, failed] = await Promise.all(
      ['done', 'failed'].map((folder) => readdir(`${inbox}/${folder}`).catch((): string[] => [])),
    );
    return done!.length + failed!.filter((name) => name.endsWith('.error.json')).length;
  }

  /** Everything dropped is over, and stays so: a clip made twice would come late. */
  async #isQuiet(): Promise<boolean> {
    const before = await look(this.#home, CLIP_ENDING);
    if (finished(before) < this.#drops.length || before.waiting.length > 0) return false;
    await sleep(4 * this.#options.settleMs + 1000);
    const after = await look(this.#home, CLIP_ENDING);
    return JSON.stringify([...before.clips]) === JSON.stringify([...after.clips]);
  }

  async #kill(): Promise<void> {
    const { tell, maxInFlight } = this.#options;
    await sleep(this.#random.int(400));
    const at = performance.now();
    if (this.#random.int(5) < 2 && this.#red.killSession()) {
      this.#kills.session++;
      tell(`${this.#over} over: kill -9 of the session`);
      // What was drawn already is filed away without it.
      this.#killed = { at, over: (await this.#countOver()) + maxInFlight };
      return;
    }
    await this.#killNodeRed();
    this.#killed = { at, over: await this.#countOver() };
    // Sometimes again, while it takes up what the first one left.
    if (this.#random.int(5) === 0) {
      await sleep(1000 + this.#random.int(2500));
      await this.#killNodeRed();
    }
  }

  async #killNodeRed(): Promise<void> {
    await this.#red.kill();
    this.#kills.nodeRed++;
    this.#options.tell(`${this.#over} over: kill -9 of Node-RED`);
    this.#red.start();
  }

  async #fillDisk(): Promise<void> {
    this.#diskWasFull++;
    if (this.#home.noSmallDisk) return;
    this.#hold = true;
    while (this.#writing > 0) await sleep(20);
    this.#options.tell(`${this.#over} over: the disk is full for ${DISK_FULL_MS / 1000} s`);
    const free = await this.#home.fill();
    await sleep(DISK_FULL_MS);
    await free();
    this.#hold = false;
  }

  async #judge(stuck: string | undefined): Promise<SoakResult> {
    const { tell, diskFull } = this.#options;
    const found = await look(this.#home, CLIP_ENDING);
    const verdict = await judge(this.#drops, found);
    const memory = judgeMemory(this.#red.lives);
    for (const [kind, list] of Object.entries(verdict)) for (const what of list as string[]) tell(`${kind}: ${what}`);
    for (const name of found.waiting) tell(`still waiting: ${name}`);
    const { crashes } = this.#red;
    const kills = this.#kills.nodeRed + this.#kills.session;
    const faults = [
      stuck,
      ...crashes,
      ...Object.entries(verdict).map(([kind, list]) => (list.length > 0 ? `${list.length} ${kind}` : undefined)),
      found.waiting.length > 0 ? `${found.waiting.length} still waiting` : undefined,
      memory.flat ? undefined : 'memory grew',
    ].filter((fault) => fault !== undefined);
    const sorted = this.#recoveries.toSorted((a, b) => a - b).map((ms) => (ms / 1000).toFixed(1));
    const ok = faults.length === 0;
    const disk = this.#home.noSmallDisk
      ? 'disk never full'
      : `disk full ${Math.min(diskFull, this.#diskWasFull)} times`;
    tell(`time to recover, each kill: ${this.#recoveries.map((ms) => (ms / 1000).toFixed(1)).join(' ')} s`);
    const line =
      `${ok ? 'OK' : `FAILED (${faults.join(', ')})`}: ${this.#drops.length} images, ${kills} kills (${this.#kills.nodeRed} of Node-RED, ` +
      `${this.#kills.session} of the session), ${disk}: ${found.clips.size} clips, ${found.reports.size} reports, ` +
      `${verdict.lost.length} lost, ${verdict.doubled.length} doubled, ${verdict.wrong.length} wrong; recovered in ` +
      `${sorted[Math.floor(sorted.length / 2)] ?? '-'} s (median), ${sorted.at(-1) ?? '-'} s (longest); ${memory.words}; ` +
      `${Math.round((performance.now() - this.#began) / 1000)} s`;
    return { ok, line, verdict, kills };
  }
}

export function runSoak(options: SoakOptions): Promise<SoakResult> {
  return new Soak(options).run();
}
