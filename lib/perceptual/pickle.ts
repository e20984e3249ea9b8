/**
 * A reader of the few pickles that PyTorch state dicts are made of (protocol 2, of CPython's pickletools.py). A pickle is
 * a program; this runs only the instructions that build plain values, and calls nothing: what it meets as a global is
 * handed to `reduce`, which knows a fixed list of names.
 */
import { MangaError } from '../errors/manga-error.ts';

/** A class or function that the pickle names. Never looked up. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Dictionaries are Maps, lists and tuples arrays; objects are what the reader's own functions returned. */
export type PickleValue = null | boolean | number | bigint | string | PickleValue[] | PickleMap | PickleGlobal | object;
export type PickleMap = Map<PickleValue, PickleValue>;

export interface PickleHandlers {
  /** What calling a global with arguments gives. @throws MangaError for a name that is not allowed */
  reduce(callee: PickleGlobal, args: readonly PickleValue[]): PickleValue;
  /** What a persistent id stands for. */
  persistent(id: PickleValue): PickleValue;
}

const STOP = 0x2e;
const MARK = Symbol('mark');
type Item = PickleValue | typeof MARK;

/** @throws MangaError BAD_INPUT */
export function refuse(what: string): never {
  throw new MangaError('BAD_INPUT', what);
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #handlers: PickleHandlers;
  readonly #stack: Item[] = [];
  readonly #memo = new Map<number, PickleValue>();
  at: number;

  constructor(bytes: Uint8Array, at: number, handlers: PickleHandlers) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#handlers = handlers;
    this.at = at;
  }

  run(): PickleValue {
    for (;;) {
      const code = this.#byte();
      if (code === STOP) return this.#pop();
      const instruction = this.#instructions[String.fromCharCode(code)];
      if (!instruction)
        return refuse(
          `it holds objects (pickle instruction 0x${code.toString(16)}), not a state dict of plain tensors`,
        );
      instruction();
    }
  }

  /** Advances over `length` bytes. @returns where they begin */
  #take(length: number): number {
    const from = this.at;
    if (length < 0 || from + length > this.#bytes.length) refuse('its pickle is cut off');
    this.at += length;
    return from;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  #text(length: number): string {
    const from = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(from, from + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) refuse('its pickle is cut off');
    const text = this.#text(end - this.at);
    this.at++;
    return text;
  }

  /** A little-endian two's complement number of any length. */
  #long(): number | bigint {
    const length = this.#byte();
    const from = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[from + i]!);
    value = BigInt.asIntN(Math.max(1, 8 * length), value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  #push(value: Item): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) refuse('its pickle is malformed');
    return value as PickleValue;
  }

  #top<V extends object>(type: new (...args: never[]) => V): V {
    const value = this.#stack.at(-1);
    if (!(value instanceof type)) refuse('its pickle is malformed');
    return value as V;
  }

  /** All above the last mark. */
  #popToMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) refuse('its pickle is malformed');
    const items = this.#stack.splice(mark + 1);
    this.#stack.pop();
    return items as PickleValue[];
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) refuse('its pickle is malformed');
    this.#push(value);
  }

  #remember(index: number): void {
    const value = this.#pop();
    this.#memo.set(index, value);
    this.#push(value);
  }

  #tuple(length: number): void {
    const items = Array.from({ length }, () => this.#pop()).reverse();
    this.#push(items);
  }

  #setItems(items: readonly PickleValue[]): void {
    const target = this.#top<PickleMap>(Map);
    if (items.length % 2 !== 0) refuse('its pickle is malformed');
    for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!);
  }

  /** By the letter of the instruction, see pickletools.py. */
  readonly #instructions: Readonly<Record<string, () => void>> = {
    '\x80': () => {
      if (this.#byte() > 2) refuse('its pickle is of a newer protocol than torch.save writes');
    },
    N: () => this.#push(null),
    '\x88': () => this.#push(true),
    '\x89': () => this.#push(false),
    K: () => this.#push(this.#byte()),
    M: () => this.#push(this.#view.getUint16(this.#take(2), true)),
    J: () => this.#push(this.#int32()),
    G: () => this.#push(this.#view.getFloat64(this.#take(8), false)),
    '\x8a': () => this.#push(this.#long()),
    X: () => this.#push(this.#text(this.#int32())),
    T: () => this.#push(this.#text(this.#int32())),
    U: () => this.#push(this.#text(this.#byte())),
    '(': () => this.#push(MARK),
    ')': () => this.#push([]),
    ']': () => this.#push([]),
    '}': () => this.#push(new Map()),
    '\x85': () => this.#tuple(1),
    '\x86': () => this.#tuple(2),
    '\x87': () => this.#tuple(3),
    t: () => this.#push(this.#popToMark()),
    l: () => this.#push(this.#popToMark()),
    s: () => {
      const value = this.#pop();
      this.#setItems([this.#pop(), value]);
    },
    u: () => this.#setItems(this.#popToMark()),
    a: () => {
      const value = this.#pop();
      this.#top<PickleValue[]>(Array).push(value);
    },
    e: () => {
      const items = this.#popToMark();
      const list = this.#top<PickleValue[]>(Array);
      for (const item of items) list.push(item);
    },
    q: () => this.#remember(this.#byte()),
    r: () => this.#remember(this.#int32()),
    h: () => this.#recall(this.#byte()),
    j: () => this.#recall(this.#int32()),
    c: () => {
      const module = this.#line();
      this.#push(new PickleGlobal(`${module}.${this.#line()}`));
    },
    Q: () => this.#push(this.#handlers.persistent(this.#pop())),
    R: () => {
      const args = this.#pop();
      const callee = this.#pop();
      if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) return refuse('its pickle is malformed');
      this.#push(this.#handlers.reduce(callee, args as PickleValue[]));
    },
    // The attributes of an object: a state dict's versions, which nothing here needs.
    b: () => {
      this.#pop();
      this.#top(Map);
    },
  };
}

/** One pickle from `at` on. @returns its value, and where it ends @throws MangaError BAD_INPUT */
export function readPickle(
  bytes: Uint8Array,
  at: number,
  handlers: PickleHandlers,
): { value: PickleValue; end: number } {
  const machine = new Machine(bytes, at, handlers);
  const value = machine.run();
  return { value, end: machine.at };
}
