/** A thousand broken and hostile files through the decoder, in a session's process as the nodes use it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { MAX_PIXELS } from '../../lib/media/decode.ts';
import { SessionHost } from '../../lib/session/host.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { type FuzzFile, fuzzCorpus } from '../../scripts/fuzz-corpus.ts';

const COUNT = Number(process.env.FUZZ_COUNT ?? 1000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const MOST_MS = 30_000;
const LANES = 4;

test('the corpus is the same for the same seed, another for another', async () => {
  const all = async (seed: number) => {
    const files = new Map<string, string>();
    for await (const { name, bytes } of fuzzCorpus(seed, 400)) files.set(name.slice(7), bytes.toString('base64'));
    assert.equal(files.size, 400, 'names are unique');
    return [...files.values()];
  };
  const [once, again, other] = [await all(1), await all(1), await all(2)];
  assert.deepEqual(once, again);
  assert.ok(once.filter((bytes, index) => bytes !== other[index]).length > 300);
});

let decoded = 0;

/** What is wrong about how the session took the file; undefined: nothing. */
async function look(
  session: SessionHost,
  folder: string,
  { name, bytes, good }: FuzzFile,
): Promise<string | undefined> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const arena = await session.openArena(name);
  const start = performance.now();
  try {
    const { shape } = await session.loadPicture(arena, { path });
    const pixels = shape[1]! * shape[2]!;
    decoded++;
    if (good === false) return 'was decoded';
    if (!(pixels > 0 && pixels <= MAX_PIXELS && shape[3] === 3)) return `became [${shape}]`;
  } catch (error) {
    if (!(error instanceof MangaError)) return `threw ${error}`;
    if (good) return `was refused: ${error.message}`;
    if (error.code !== 'BAD_INPUT') return `threw ${error.code}: ${error.message}`;
    if (!error.hint) return `was refused without a hint: ${error.message}`;
    if (!error.message.includes(name.slice(0, 12))) return `was refused without its name: ${error.message}`;
  } finally {
    await session.closeArena(arena);
    await rm(path);
  }
  const milliseconds = performance.now() - start;
  return milliseconds > MOST_MS ? `took ${Math.round(milliseconds / 1000)} s` : undefined;
}

test(`${COUNT} broken and hostile files: none ends or holds up the session, each is decoded or refused with a remedy`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const session = new SessionHost(sessionSchema.parse({ id: 'fuzz', engine: 'onnx' }));
  t.after(async () => {
    await session.shutdown();
    await rm(folder, { recursive: true, force: true });
  });
  const wrong: string[] = [];
  const corpus = fuzzCorpus(SEED, COUNT);
  let files = 0;
  const lane = async (): Promise<void> => {
    for (let next = await corpus.next(); !next.done; next = await corpus.next()) {
      files++;
      const fault = await look(session, folder, next.value);
      if (fault) wrong.push(`${next.value.name} ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  assert.equal(files, COUNT);
  assert.deepEqual(wrong, []);
  t.diagnostic(`${decoded} decoded, ${files - decoded} refused`);
  const { generation, bytes } = await session.stats();
  assert.equal(generation, 1, 'the process never crashed');
  assert.equal(bytes, 0, 'nothing is held');
});
