import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeSafetensors } from '../../lib/checkpoint/safetensors.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { refuse } from '../../lib/perceptual/pickle.ts';
import { type Bytes, readStateDict } from '../../lib/perceptual/state-dict.ts';
import { readTorchFile } from '../../lib/perceptual/torch-file.ts';
import { Random } from '../../lib/random.ts';
import { pattern } from '../golden/golden.ts';

/** Files by torch.save, see tests/golden/gan/state_dicts.py. */
const file = (name: string) => fileURLToPath(new URL(`../golden/gan/state-dicts/${name}.pth`, import.meta.url));
const every = () => true;
const near = (actual: ArrayLike<number>, expected: Float32Array, tolerance: number) => {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(actual[i]! - value) <= tolerance, `element ${i}`);
};

for (const [name, tolerance] of [
  ['zip-float', 0],
  ['zip-double', 6e-8],
  ['zip-half', 5e-4],
  ['legacy', 0],
] as const) {
  test(`${name}.pth holds what torch.save put in`, async () => {
    const tensors = await readStateDict(file(name), every);
    assert.deepEqual(
      [...tensors].map(([key, { shape, dtype }]) => [key, [...shape], dtype]),
      [
        ['features.0.weight', [2, 3, 3, 3], 'float32'],
        ['features.0.bias', [2], 'float32'],
        ['classifier.0.weight', [3, 5], 'float32'],
      ],
    );
    for (const [seed, { data, shape }] of [...tensors.values()].entries()) near(data, pattern(shape, seed), tolerance);
  });
}

test('only the wanted tensors are read; the versions of a module are passed over', async () => {
  const tensors = await readStateDict(file('zip-module'), (name) => name.endsWith('.bias'));
  assert.deepEqual([...tensors.keys()], ['features.0.bias']);
});

for (const name of ['zip-nested', 'legacy-nested']) {
  test(`${name}.pth: a state dict one level down, of views and parameters`, async () => {
    const tensors = await readStateDict(file(name), every);
    const all = pattern([4, 5], 3);
    assert.deepEqual([...tensors.keys()], ['low', 'high', 'weight']);
    near(tensors.get('low')!.data, all.subarray(0, 5), 0);
    near(tensors.get('high')!.data, all.subarray(5), 0);
    near(tensors.get('weight')!.data, all.subarray(10, 15), 0);
  });
}

const rejects = (path: string, message: RegExp) =>
  assert.rejects(
    () => readStateDict(path, every),
    (error: unknown) => {
      assert.ok(error instanceof MangaError && error.code === 'BAD_INPUT', String(error));
      assert.match(error.message, message);
      return true;
    },
  );

for (const [name, message] of [
  ['refused-model', /not a state dict of plain tensors.*Give a state dict/],
  ['refused-transposed', /transposed view/],
  ['refused-bfloat16', /type BFloat16/],
  ['refused-list', /no state dict/],
] as const) {
  test(`${name}.pth is refused, saying why`, () => rejects(file(name), message));
}

async function withFile(name: string, bytes: Uint8Array, check: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'manga-state-'));
  try {
    await writeFile(join(folder, name), bytes);
    await check(join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a pickle that names a function does not get it called', async () => {
  // Legacy header (magic, protocol, system), then REDUCE of posix.system('touch …').
  const legacy = await readFile(file('legacy'));
  const start = legacy.indexOf(Buffer.from('ccollections\nOrderedDict'));
  const attack = Buffer.concat([
    legacy.subarray(0, start),
    Buffer.from('cposix\nsystem\nX\x09\x00\x00\x00touch pwn\x85R.', 'latin1'),
  ]);
  await withFile('attack.pth', attack, (path) => rejects(path, /calls posix\.system/));
});

test('compressed zips, other files and missing ones are refused, saying why', async () => {
  const zip = Buffer.from(await readFile(file('zip-float')));
  zip.writeUInt16LE(8, zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 10);
  await withFile('a.pth', zip, (path) => rejects(path, /compressed/));
  await withFile('a.pth', Buffer.from('hello, world'), (path) => rejects(path, /no file by torch\.save/));
  await withFile('a.pth', new Uint8Array(0), (path) => rejects(path, /too short/));
  await withFile('a.safetensors', Buffer.from('hello, world'), (path) => rejects(path, /safetensors/));
  await assert.rejects(() => readStateDict('/nowhere/a.pth', every), { code: 'MODEL_MISSING' });
});

test('a .safetensors file is read by its ending', async () => {
  const data = pattern([2, 3], 1);
  const bytes = writeSafetensors(new Map([['w', { shape: [2, 3], dtype: 'float32', data }]]), {});
  await withFile('w.safetensors', bytes, async (path) => {
    const tensors = await readStateDict(path, every);
    near(tensors.get('w')!.data, data, 0);
  });
});

const inMemory = (bytes: Uint8Array): Bytes => ({
  size: bytes.length,
  async read(offset, length) {
    if (offset < 0 || length < 0 || offset + length > bytes.length) refuse('it is cut off');
    return Uint8Array.from(bytes.subarray(offset, offset + length));
  },
});

async function outcome(bytes: Uint8Array): Promise<'read' | 'refused'> {
  try {
    await readTorchFile(inMemory(bytes), every);
    return 'read';
  } catch (error) {
    assert.ok(error instanceof MangaError && error.code === 'BAD_INPUT', `${(error as Error).stack}`);
    return 'refused';
  }
}

for (const name of ['zip-float', 'legacy']) {
  test(`${name}.pth cut off anywhere is refused`, async () => {
    const bytes = await readFile(file(name));
    for (let length = 0; length < bytes.length; length += 3)
      assert.equal(await outcome(bytes.subarray(0, length)), 'refused', `${length} of ${bytes.length} bytes`);
  });

  test(`${name}.pth with bytes overwritten is read or refused, never worse`, async () => {
    const bytes = await readFile(file(name));
    const random = new Random(5);
    const seen = { read: 0, refused: 0 };
    for (let i = 0; i < 1000; i++) {
      const broken = Uint8Array.from(bytes);
      for (let k = 0; k < 1 + random.int(4); k++) broken[random.int(broken.length)] = random.int(256);
      seen[await outcome(broken)]++;
    }
    assert.ok(seen.read > 0 && seen.refused > 0, JSON.stringify(seen));
  });
}
