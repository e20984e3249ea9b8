import { MangaError } from '../errors/manga-error.ts';
import type { Claim } from './claims.ts';
import type { Clock } from './clock.ts';
import { show } from './io-error.ts';

interface Flight {
  readonly claim: Claim;
  readonly handOut: string;
  /** Milliseconds of the clock. */
  readonly since: number;
  cancelTimeout(): void;
}

/** Ids of ended jobs remembered, to tell a late answer from a wrong one. */
const REMEMBERED = 1000;

/** The jobs that are out with the flow. */
export class Flights {
  readonly #clock: Clock;
  readonly #out = new Map<string, Flight>();
  /** How each ended: 'been completed'. */
  readonly #ended = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#out.size;
  }

  has(id: string): boolean {
    return this.#out.has(id);
  }

  /** @param late called when nobody landed the job within `timeoutMs`; it is still out then */
  start(claim: Claim, handOut: string, timeoutMs: number, late: () => void): void {
    const cancelTimeout = this.#clock.after(timeoutMs, late);
    this.#out.set(claim.id, { claim, handOut, since: this.#clock.now(), cancelTimeout });
    this.#ended.delete(claim.id);
  }

  /**
   * Takes a job off the list.
   * @param how for the message to those who come later
   * @param handOut of the answer; undefined: whichever is out
   * @returns the claim, and how long it was out in milliseconds
   * @throws MangaError BAD_INPUT if it is not out
   */
  land(id: string, how: string, handOut?: string): { claim: Claim; milliseconds: number } {
    const flight = this.#out.get(id);
    if (!flight) throw this.#unknown(id);
    if (handOut !== undefined && handOut !== flight.handOut) {
      const message = `Job ${id} was handed out again meanwhile; this answer is to an earlier hand-out.`;
      throw new MangaError('BAD_INPUT', message, 'Nothing is to be done: the later one counts.');
    }
    flight.cancelTimeout();
    this.#out.delete(id);
    this.#ended.set(id, how);
    if (this.#ended.size > REMEMBERED) this.#ended.delete(this.#ended.keys().next().value!);
    return { claim: flight.claim, milliseconds: Math.round(this.#clock.now() - flight.since) };
  }

  /** Whether a job was out and ended so: 'been cancelled'. */
  hasEnded(id: string, how: string): boolean {
    return this.#ended.get(id) === how;
  }

  /** Takes all off the list. */
  clear(): Claim[] {
    const flights = [...this.#out.values()];
    for (const flight of flights) flight.cancelTimeout();
    this.#out.clear();
    return flights.map((flight) => flight.claim);
  }

  #unknown(id: string): MangaError {
    const ended = this.#ended.get(id);
    if (ended) return new MangaError('BAD_INPUT', `Job ${id} has ${ended} already.`, 'Acknowledge each job once.');
    const hint = 'Send the hot-folder node the message it sent out, or what the flow made of it.';
    return new MangaError('BAD_INPUT', `There is no job ${show(String(id))} here.`, hint);
  }
}
