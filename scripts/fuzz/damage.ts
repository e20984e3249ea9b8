/** Damage that fits any file: what cables, cards and interrupted copies do, and what a fuzzer does on purpose. */
import type { Random } from '../../lib/random.ts';

export type Damage = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.int(256)));
}

function overwritten(bytes: Buffer, random: Random, value: (at: number) => number): Buffer {
  const out = Buffer.from(bytes);
  const start = random.int(out.length);
  const end = Math.min(out.length, start + 1 + random.int(64));
  for (let at = start; at < end; at++) out[at] = value(at);
  return out;
}

/** By name. None may lengthen a file much. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  truncated: (bytes, random) => bytes.subarray(0, 1 + random.int(bytes.length - 1)),
  'truncated-header': (bytes, random) => bytes.subarray(0, 1 + random.int(Math.min(48, bytes.length - 1))),
  'beginning-lost': (bytes, random) => bytes.subarray(1 + random.int(bytes.length - 1)),
  'one-bit': (bytes, random) => {
    const out = Buffer.from(bytes);
    const at = random.int(out.length);
    out[at] = out[at]! ^ (1 << random.int(8));
    return out;
  },
  'many-bits': (bytes, random) => {
    const out = Buffer.from(bytes);
    for (let n = 2 + random.int(60); n > 0; n--) {
      const at = random.int(out.length);
      out[at] = out[at]! ^ (1 << random.int(8));
    }
    return out;
  },
  'header-bits': (bytes, random) => {
    const out = Buffer.from(bytes);
    for (let n = 1 + random.int(6); n > 0; n--) {
      const at = 8 + random.int(Math.min(56, out.length - 8));
      out[at] = random.int(256);
    }
    return out;
  },
  zeroed: (bytes, random) => overwritten(bytes, random, () => 0),
  'all-ones': (bytes, random) => overwritten(bytes, random, () => 0xff),
  noise: (bytes, random) => overwritten(bytes, random, () => random.int(256)),
  'big-numbers': (bytes, random) => {
    const out = Buffer.from(bytes);
    const word = random.pick([0x7fffffff, 0xffffffff, 0x80000000, 0x0000ffff, 0xfffffffe]);
    for (let n = 1 + random.int(3); n > 0; n--) {
      const at = 8 + random.int(Math.max(1, out.length - 12));
      if (at + 4 <= out.length) random.int(2) ? out.writeUInt32LE(word, at) : out.writeUInt32BE(word, at);
    }
    return out;
  },
  'piece-lost': (bytes, random) => {
    const start = 4 + random.int(bytes.length - 4);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.int(80))]);
  },
  'piece-twice': (bytes, random) => {
    const start = random.int(bytes.length);
    const end = start + 1 + random.int(80);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  'two-halves': (bytes, random, other) =>
    Buffer.concat([
      bytes.subarray(0, 1 + random.int(bytes.length - 1)),
      other.subarray(random.int(Math.max(1, other.length - 1))),
    ]),
  'end-zeroed': (bytes, random) => {
    const out = Buffer.from(bytes);
    return out.fill(0, 1 + random.int(out.length - 1));
  },
  // As text editors and careless FTP do.
  'line-ends-changed': (bytes) => Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
};

/** Damage after which a file can never be decoded. */
export const DEADLY: Readonly<Record<string, Damage>> = {
  empty: () => Buffer.alloc(0),
  'wrong-magic': (bytes, random) => {
    const out = Buffer.from(bytes);
    randomBytes(random, 12).copy(out);
    out[0] = 0;
    return out;
  },
  'magic-only': (bytes) => bytes.subarray(0, 12),
  'all-zero': (bytes) => Buffer.alloc(bytes.length),
  'only-noise': (bytes, random) => {
    const out = randomBytes(random, bytes.length);
    out[0] = 1;
    return out;
  },
};
