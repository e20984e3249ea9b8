/** What is dropped into the folder: mostly good photos, each different, among them every kind of broken and hostile file. */
import { createHash } from 'node:crypto';
import { Random } from '../../lib/random.ts';
import { numbered } from '../fuzz/pictures.ts';
import { fuzzCorpus } from '../fuzz-corpus.ts';

/** How a file comes into the folder. */
export const MANNERS = ['whole', 'slow', 'renamed', 'from-the-past', 'from-the-future', 'touched'] as const;
export type Manner = (typeof MANNERS)[number];

export interface Drop {
  /** Unique, in the name of everything that comes of the file: see {@link tokenOf}. */
  readonly token: string;
  readonly name: string;
  readonly bytes: Buffer;
  /** 'either': may be decoded or refused, but one of the two, once. */
  readonly expect: 'clip' | 'report' | 'either';
  readonly manner: Manner;
}

/** Files of fewer images than this leave empty ones out: the hot folder waits a minute before it gives one up. */
const ENOUGH_FOR_EMPTY = 500;

/** Names as people and cameras give them, and as nobody should. */
const NAMES: readonly ((token: string) => string)[] = [
  (t) => `${t}.jpg`,
  (t) => `IMG_${t}.JPG`,
  (t) => `${t} holiday at the sea (1).jpeg`,
  (t) => `${t}-ひまわり🌻.jpg`,
  (t) => `-${t}.jpg`,
  (t) => `${t}.tar.gz.jpg`,
  (t) => `${t}'; rm -rf $HOME; '.jpg`,
  (t) => `${t}${'x'.repeat(150)}.jpg`,
  (t) => `${t}%2e%2e%2f..\u202egpj.jpg`,
  (t) => `${t}#?&=+.jpg`,
];

/** The token in the name of a file, a clip or a report. */
export function tokenOf(name: string): string | undefined {
  return /n\d{5}q/.exec(name)?.[0];
}

/** @param count files in all. Same seed, same files. */
export async function* plan(seed: number, count: number): AsyncGenerator<Drop> {
  const random = new Random(seed);
  const broken = fuzzCorpus(seed, count + 100);
  const seen = new Set<string>();
  for (let number = 0; number < count; number++) {
    const token = `n${String(number).padStart(5, '0')}q`;
    const manner = random.int(10) < 4 ? 'whole' : random.pick(MANNERS);
    if (random.int(10) >= 3) {
      const name = (random.int(4) === 0 ? random.pick(NAMES) : NAMES[0]!)(token);
      yield { token, name, bytes: await numbered(seed, number), expect: 'clip', manner };
      continue;
    }
    for (let found = false; !found; ) {
      const { value: file, done } = await broken.next();
      if (done) return;
      // The same bytes twice are one picture: whether it is drawn again is the folder's policy, not looked at here.
      const hash = createHash('sha256').update(file.bytes).digest('base64');
      if (seen.has(hash) || (file.bytes.length === 0 && count < ENOUGH_FOR_EMPTY)) continue;
      seen.add(hash);
      found = true;
      const expect = file.good === undefined ? 'either' : file.good ? 'clip' : 'report';
      yield { token, name: `${token}-${file.name}`, bytes: file.bytes, expect, manner };
    }
  }
}
