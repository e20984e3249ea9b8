import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { readCatalogue } from '../../lib/data/manga109/catalogue.ts';
import { MOVE_KINDS } from '../../lib/data/manga109/moves.ts';
import { openDataset } from '../../lib/data/open-dataset.ts';
import { SkipList } from '../../lib/data/skipped.ts';
import { Random } from '../../lib/random.ts';
import { makeManga109, TITLES } from '../fixtures/make-manga109.ts';
import { makePhotos, range, take } from './data-support.ts';
import { refusal, temporaryFolder } from './media-support.ts';

const start = new Random(2).state();
const cleanups: (() => void)[] = [];
const folder = temporaryFolder({ after: (cleanup) => cleanups.push(cleanup as () => void) });
const root = join(folder, 'whole');
const photos = join(folder, 'photos');
const small = { kind: 'manga109', root, photos, batch: 2, side: 64, frames: 4, longSide: 160, split: 'all' } as const;
const reading = { annotations: 'annotations', validationShare: 0.4, splitSeed: 1, moves: MOVE_KINDS } as const;
let drawn: Awaited<ReturnType<typeof makeManga109>>;

before(async () => {
  drawn = await makeManga109(root);
  await makePhotos(photos, [[160, 120]]);
});
after(() => {
  for (const cleanup of cleanups) cleanup();
});

async function open(t: TestContext, settings: object) {
  const source = await openDataset({ ...small, ...settings });
  t.after(() => source.close());
  return source;
}

test('pages come split and in reading order, whatever the order of the file', async () => {
  const { pages, summary } = await readCatalogue(
    { root, split: 'all', ...reading, moves: [...MOVE_KINDS] },
    new SkipList(),
  );
  assert.equal(pages.length, TITLES.length * 2 * 2);
  for (const title of TITLES) {
    const spreads = drawn.get(title)!;
    const found = pages.filter((page) => page.title === title);
    assert.deepEqual(
      found.map((page) => page.box.x),
      [827, 0, 827, 0],
    );
    for (const [i, frames] of spreads.entries()) {
      const inOrder = found.slice(2 * i, 2 * i + 2).flatMap((page) => page.panels);
      assert.deepEqual(
        inOrder,
        frames.map(({ box, face }) => ({ box, faces: [face] })),
      );
    }
  }
  const frames = [...drawn.values()].flat(2).length;
  assert.equal(
    summary,
    `4 titles: 8 scans, 16 pages; ${frames} frames, ${frames} faces, ${frames} bodies, ${frames} texts`,
  );
});

test('titles are split once and for all', async () => {
  const titlesOf = async (split: 'train' | 'validation', settings: object = {}) => {
    const all = { root, split, ...reading, moves: [...MOVE_KINDS], ...settings };
    return new Set((await readCatalogue(all, new SkipList())).pages.map((page) => page.title));
  };
  const seeds = Array.from({ length: 20 }, (_, splitSeed) => splitSeed);
  let split = 0;
  for (const splitSeed of seeds) {
    const [train, validation] = await Promise.allSettled([
      titlesOf('train', { splitSeed }),
      titlesOf('validation', { splitSeed }),
    ]);
    if (train.status === 'rejected' || validation.status === 'rejected') continue;
    split++;
    assert.deepEqual([...train.value, ...validation.value].sort(), [...TITLES].sort());
  }
  assert.ok(split > 10, `${split} of 20 seeds have titles on both sides`);
  const none = await refusal(titlesOf('validation', { validationShare: 0 }));
  assert.match(none.message, /None of the 4 titles is in the validation part\. Change the validation share/);
});

test('sequences: shapes, ranges, the same with one thread and two', async (t) => {
  const one = await open(t, { threads: 1 });
  const { batch } = await one.next(start);
  assert.deepEqual([batch.real!.length, batch.layers, batch.page.length], [2 * 4 * 64 * 64, null, 2 * 128 * 128]);
  const { low, high } = range(batch.real!);
  assert.ok(low >= 0 && high <= 1 && high - low > 0.8);
  const two = await open(t, { threads: 2 });
  const all = await take(two, start, 6);
  assert.deepEqual(await take(one, start, 6), all);
  const half = await take(one, start, 2);
  assert.deepEqual((await take(one, half.random, 4)).digests, all.digests.slice(2));
});

test('a push shows a face in the middle of its last frame', async (t) => {
  const source = await open(t, { threads: 1, moves: ['face'] });
  let random = start;
  let clear = 0;
  for (let i = 0; i < 6; i++) {
    const next = await source.next(random);
    random = next.random;
    for (let b = 0; b < 2; b++) {
      const last = next.batch.real!.subarray((4 * b + 3) * 64 * 64, (4 * b + 4) * 64 * 64);
      // Faces are white below the eyes, the frames are hatched: 35 % ink.
      let sum = 0;
      for (let y = 33; y < 36; y++) for (let x = 28; x < 36; x++) sum += last[y * 64 + x]!;
      if (sum / 24 > 0.95) clear++;
    }
  }
  assert.ok(clear >= 11, `${clear} of 12 end on a face`);
});

test('text can be avoided', async (t) => {
  const talky = join(folder, 'talky');
  await makeManga109(talky, { titles: ['AlphaRun'], spreads: 1, width: 827, height: 585 });
  const file = join(talky, 'annotations', 'AlphaRun.xml');
  const xml = await readFile(file, 'utf8');
  // One balloon over everything.
  await writeFile(file, xml.replace(/(<text id="\w+") [^>]*>/, '$1 xmin="0" ymin="0" xmax="827" ymax="585">'));
  const settings = { root: talky, threads: 1 };
  const allowed = await open(t, settings);
  assert.equal((await allowed.next(start)).batch.size, 2);
  const avoiding = await open(t, { ...settings, avoidText: true });
  const refused = await refusal(avoiding.next(start));
  assert.match(refused.message, /with text to be avoided, allow it/);
});

test('what is malformed or missing is skipped, with file, element and line', async (t) => {
  const broken = join(folder, 'broken');
  await makeManga109(broken, { titles: [...TITLES, 'Missing', 'Latin'], spreads: 2, width: 827, height: 585 });
  const file = (title: string) => join(broken, 'annotations', `${title}.xml`);
  const edit = async (title: string, change: (text: string) => string) =>
    writeFile(file(title), change(await readFile(file(title), 'utf8')));
  const lineOf = async (title: string, text: string) =>
    (await readFile(file(title), 'utf8')).split('\n').findIndex((line) => line.includes(text)) + 1;
  await edit('AlphaRun', (text) => text.replace(/<frame id="00000000" xmin="\d+"/, '<frame id="00000000" xmin="left"'));
  await edit('BetaSky', (text) => text.slice(0, text.lastIndexOf('<page ')));
  await edit('GammaBoy', (text) => text.replace('<page index="1"', '<page index="-1"'));
  await rm(file('Missing'));
  await writeFile(file('Latin'), Buffer.from('<book title="\xe9"/>', 'latin1'));
  await rename(join(broken, 'images', 'DeltaMoon', '001.jpg'), join(broken, 'images', 'DeltaMoon', '007.jpg'));
  await writeFile(join(broken, 'images', 'DeltaMoon', '000.jpg'), 'not a picture');
  await writeFile(join(broken, 'books.txt'), `${[...TITLES, 'Missing', 'Latin', '../escape'].join('\r\n')}\r\n`);

  const source = await open(t, { root: broken, threads: 1 });
  const reasons = new Map(source.skipped.map(({ where, reason }) => [where.slice(broken.length + 1), reason]));
  const has = (where: string, reason: RegExp) => assert.match(reasons.get(where) ?? [...reasons].join('\n'), reason);
  has(`annotations/AlphaRun.xml, line ${await lineOf('AlphaRun', '"left"')}, <frame>`, /xmin is "left", not a whole/);
  const lines = (await readFile(file('BetaSky'), 'utf8')).split('\n').length;
  has(`annotations/BetaSky.xml, line ${lines}, <pages>`, /The file ends inside <pages>; the title is left out/);
  has(`annotations/GammaBoy.xml, line ${await lineOf('GammaBoy', '"-1"')}, <page>`, /index is -1/);
  has('annotations/Missing.xml', /does not exist/);
  has('annotations/Latin.xml', /not UTF-8/);
  has('images/DeltaMoon/001.jpg', /it is not there/);
  has('books.txt, line 7', /cannot be the name of a folder/);
  assert.equal(reasons.size, 7);
  assert.match(source.summary, /; 7 skipped:\n(- .*\n){5}- and 2 more$/);

  // The picture that is none shows when it is decoded; the rest goes on.
  await take(source, start, 8);
  const undecodable = source.skipped.find(({ where }) => where.endsWith('000.jpg'));
  assert.match(undecodable?.reason ?? '', /is not a picture/);
});

test('another folder, another variant of the annotations', async () => {
  const none = await refusal(openDataset({ ...small, root: photos }));
  assert.equal(none.code, 'BAD_INPUT');
  assert.match(none.message, /is no copy of Manga109: there is no books\.txt\. It must hold books\.txt/);
  const variant = await refusal(openDataset({ ...small, annotations: 'annotations.v2020.12.18' }));
  assert.match(
    variant.message,
    /has no folder annotations\.v2020\.12\.18\. Set the annotations to one that is there: annotations\./,
  );
});
