import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import { cacheLibrary } from '../../lib/engines/setup/library-cache.ts';
import { hashFile } from '../../lib/engines/setup/wheel-files.ts';
import type { Library } from '../../lib/engines/setup/wheels.ts';
import type { MangaError } from '../../lib/errors/manga-error.ts';

/** A wheel as the index serves them, but small: what matters here is its way into the cache. */
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr('tensorflow/libtensorflow_cc.so.2', 'library ' * 1000)
    wheel.writestr('tensorflow/include/tensorflow/c/c_api.h', '#pragma once')
    wheel.writestr('tensorflow/python/unwanted.py', 'pass')
    info = 'tensorflow_cpu-2.21.0.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: tensorflow-cpu\\nVersion: 2.21.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nTag: cp312-cp312-manylinux_2_27_x86_64\\n')
    wheel.writestr(info + 'RECORD', '')
`;

const LIBRARY = 'tensorflow/libtensorflow_cc.so.2';
let folder: string;
let library: Library;
let cacheDirectory: string;
let lines: string[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motion-manga-setup-'));
  const index = join(folder, 'index');
  await mkdir(index);
  const wheel = join(index, 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl');
  execFileSync('python3', ['-c', MAKE_WHEEL, wheel]);
  library = {
    name: 'small',
    wheels: [
      {
        requirement: 'tensorflow-cpu==2.21.0',
        platforms: ['manylinux_2_27_x86_64'],
        sha256: await hashFile(wheel),
        bytes: 500,
        members: [LIBRARY, 'tensorflow/include/'],
      },
    ],
  };
  // The set-up uses pip as the machine has it configured: here with a folder as its index.
  process.env.PIP_NO_INDEX = '1';
  process.env.PIP_FIND_LINKS = index;
});

beforeEach(async () => {
  cacheDirectory = await mkdtemp(join(folder, 'cache-'));
  lines = [];
});

after(() => rm(folder, { recursive: true }));

function cache(options: { force?: boolean; library?: Library } = {}) {
  const onProgress = (line: string) => void lines.push(line);
  return cacheLibrary(options.library ?? library, { cacheDirectory, force: options.force ?? false, onProgress });
}

test('a library is fetched, checked and unpacked, only what is wanted, and found again', async () => {
  const first = await cache();
  assert.equal(first.reused, false);
  assert.equal(await readFile(join(first.directory, LIBRARY), 'utf8'), 'library '.repeat(1000));
  assert.ok(existsSync(join(first.directory, 'tensorflow/include/tensorflow/c/c_api.h')));
  assert.ok(!existsSync(join(first.directory, 'tensorflow/python')));
  assert.match(lines.join('\n'), /Downloading tensorflow-cpu==2\.21\.0: .* MB \(100 %\)/);
  assert.match(lines.join('\n'), /Unpacking .* MB \(100 %\)/);
  lines = [];
  assert.deepEqual(await cache(), { directory: first.directory, reused: true });
  assert.deepEqual(lines, []);
  assert.deepEqual(await readdir(cacheDirectory), ['small']);
});

test('of two set-ups at once one waits and finds the work done', async () => {
  const results = await Promise.all([cache(), cache()]);
  assert.deepEqual(results.map(({ reused }) => reused).sort(), [false, true]);
  assert.ok(lines.includes('Another set-up is running; waiting for it.'));
});

test('a truncated file is an error that names it, and force mends it', async () => {
  const { directory } = await cache();
  await truncate(join(directory, LIBRARY), 7);
  await assert.rejects(cache(), (error: MangaError) => {
    assert.equal(error.code, 'IO');
    assert.match(error.message, /libtensorflow_cc\.so\.2 has 7 bytes instead of 8000\./);
    assert.equal(error.hint, 'Run `npm run setup:tensorflow -- --force`.');
    return true;
  });
  assert.equal((await cache({ force: true })).reused, false);
  assert.equal((await cache()).reused, true);
});

test('a change that keeps the size is found by its checksum; a new date alone is none', async () => {
  const { directory } = await cache();
  await utimes(join(directory, LIBRARY), 1, 1);
  assert.equal((await cache()).reused, true);
  await writeFile(join(directory, LIBRARY), 'Library '.repeat(1000));
  await assert.rejects(cache(), { code: 'IO', message: /checksum it was unpacked with/ });
});

test('a download with the wrong checksum installs nothing and leaves the old one', async () => {
  const { directory } = await cache();
  const forged = { ...library, wheels: [{ ...library.wheels[0], sha256: '0'.repeat(64) }] };
  await assert.rejects(cache({ library: forged }), {
    code: 'IO',
    message: /has the checksum \w{64} instead of 0{64}\./,
  });
  assert.ok(existsSync(join(directory, LIBRARY)));
  assert.deepEqual(await readdir(cacheDirectory), ['small']);
});

test('what pip says reaches the user', async () => {
  const absent = { ...library, wheels: [{ ...library.wheels[0], requirement: 'tensorflow-cpu==2.99.0' }] };
  await assert.rejects(cache({ library: absent }), {
    code: 'IO',
    message: /No matching distribution found for tensorflow-cpu==2\.99\.0/,
  });
});

test('what a killed set-up left is cleared away', async () => {
  await mkdir(join(cacheDirectory, 'small.unfinished', 'content'), { recursive: true });
  assert.equal((await cache()).reused, false);
  assert.deepEqual(await readdir(cacheDirectory), ['small']);
});

test('a cache that cannot be written says where another can be set', async () => {
  await writeFile(join(folder, 'file'), '');
  const blocked = cacheLibrary(library, { cacheDirectory: join(folder, 'file'), force: false, onProgress: () => {} });
  await assert.rejects(blocked, { code: 'IO', message: /MOTION_MANGA_CACHE/ });
});
