/**
 * Commands of the documents that are cheap in small, besides those that draw (docs-commands.test.ts): as they stand, but in a
 * folder of their own, with what makes them small.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { motionManga, writePhoto } from './cli-support.ts';
import { type Command, commandsOf, mangaArguments } from './docs-commands-support.ts';
import { DOCUMENTS, ROOT } from './docs-support.ts';
import { colourPicture, noFfmpeg, temporaryFolder } from './media-support.ts';

const run = promisify(execFile);
const commands = DOCUMENTS.flatMap(commandsOf);

/** The words of the one command that begins like this. @throws AssertionError when the documents have none */
function documented(...begin: readonly string[]): readonly string[] {
  const found = commands.find(({ words }) => begin.every((word, index) => plain(words)[index] === word));
  assert.ok(found, `no document has ${begin.join(' ')}`);
  return plain(found.words);
}

/** Without sudo: the test's own user does it. */
const plain = (words: Command['words']): Command['words'] =>
  words[0] === 'sudo' ? words.slice(words[1] === '-u' ? 3 : 1) : words;

/** A script as the documents call it, with its paths and what makes it small. @returns what it prints */
async function script(file: string, args: readonly string[]): Promise<string> {
  return (await run(process.execPath, [file, ...args])).stdout;
}

test('doctor says which engines work, also as JSON', async () => {
  for (const { words } of commands.filter((command) => mangaArguments(command)?.[0] === 'doctor')) {
    const args = mangaArguments({ where: '', words })!;
    const { stdout, stderr } = await motionManga(args).ended;
    assert.match(stdout, /onnx/, `${words.join(' ')}\n${stderr}`);
    if (args.includes('--json')) assert.ok(JSON.parse(stdout));
  }
});

test('bench/report.ts puts figures between its marks, and changes nothing else', async (t) => {
  const folder = temporaryFolder(t);
  const [, file, figures] = documented('node', 'bench/report.ts');
  for (const path of [file!, 'docs/performance.md']) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  const page = join(folder, 'docs/performance.md');
  const outside = (text: string): string => text.replace(/<!-- figures[\s\S]*end of figures -->/, '');
  const before = readFileSync(page, 'utf8');
  const bench = { name: 'a-bench', unit: 'ms', runs: 3, median: 12.5, min: 11, max: 14, details: { stage: 2 } };
  const machine = { cores: 2, cpu: 'A processor', date: '2026-01-02T03:04:05Z' };
  const report = { machine, quick: false, benches: [bench], skipped: { other: 'no GPU' }, failed: {} };
  writeFileSync(join(folder, figures!), JSON.stringify(report));
  await script(join(folder, file!), [join(folder, figures!)]);
  const after = readFileSync(page, 'utf8');
  assert.notEqual(after, before);
  assert.match(after, /12\.5 \(11–14\)/);
  assert.equal(outside(after), outside(before));
});

test('scripts/motion-sheet.ts draws a row for each setting', async (t) => {
  const folder = temporaryFolder(t);
  const [, file, , , ...settings] = documented('node', 'scripts/motion-sheet.ts');
  const photo = await writePhoto(join(folder, 'photo.jpg'));
  const out = join(folder, 'out.png');
  const rows = settings.filter((word) => word.includes('='));
  assert.ok(rows.length >= 2);
  await script(join(ROOT, file!), [photo, out, ...rows, '--size', '96x72', '--frames', '3', '--show', '2']);
  const { width, height } = await sharp(out).metadata();
  assert.deepEqual([width, height], [2 * 102 + 6, rows.length * 78 + 6]);
});

test('scripts/video-warp.ts measures frames with exact flow', { skip: noFfmpeg }, async (t) => {
  const folder = temporaryFolder(t);
  const [, file, ...args] = documented('node', 'scripts/video-warp.ts');
  const [width, height] = [96, 64];
  for (const number of ['0001', '0002', '0003']) {
    await colourPicture(width, height)
      .png()
      .toFile(join(folder, `frame_${number}.png`));
    // Nothing moves. Middlebury: a magic number, the size, then where each pixel goes.
    const flow = new DataView(new ArrayBuffer(12 + width * height * 8));
    flow.setFloat32(0, 202_021.25, true);
    flow.setInt32(4, width, true);
    flow.setInt32(8, height, true);
    writeFileSync(join(folder, `flow_${number}.flo`), Buffer.from(flow.buffer));
    const valid = Buffer.alloc(width * height, 255);
    await sharp(valid, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(join(folder, `valid_${number}.png`));
  }
  const printed = await script(join(ROOT, file!), [...args.filter((word) => word !== 'FOLDER...'), folder]);
  assert.ok(printed.includes(basename(folder)), printed);
  assert.doesNotMatch(printed, /NaN/);
});

test('the photo booth’s folders, rights, tidying and backup', async (t) => {
  const root = temporaryFolder(t);
  const here = (words: readonly string[]): string[] =>
    words.map((word) => (/^\/(srv|mnt)\//.test(word) ? join(root, word) + (word.endsWith('/') ? '/' : '') : word));
  const go = (words: readonly string[]) => run(words[0]!, here(words.slice(1)));
  const wanted = ['mkdir', 'chmod', 'find', 'rsync'];
  const ours = commands.map(({ words }) => plain(words)).filter(([program]) => wanted.includes(program!));
  assert.deepEqual([...new Set(ours.map(([program]) => program))].sort(), wanted.toSorted());
  const booth = join(root, 'srv/booth/nodered');
  for (const words of ours.filter(([program]) => program === 'mkdir')) await go(words);
  for (const words of ours.filter(([program]) => program === 'chmod')) await go(words);
  assert.equal(statSync(join(booth, 'booth/in')).mode & 0o7777, 0o2775);
  const clip = (name: string, days: number): string => {
    const file = join(booth, 'booth/out', name);
    writeFileSync(file, 'clip');
    const seconds = Date.now() / 1000 - days * 86_400;
    utimesSync(file, seconds, seconds);
    return file;
  };
  const old = ['a.mp4', 'a.mp4.json'].map((name) => clip(name, 40));
  const kept = [clip('b.mp4', 3), clip('c.txt', 40)];
  await go(documented('find'));
  assert.deepEqual(
    [...old, ...kept].map((file) => existsSync(file)),
    [false, false, true, true],
  );
  for (const name of ['node_modules', 'booth/in/.work']) mkdirSync(join(booth, name), { recursive: true });
  writeFileSync(join(booth, 'node_modules/a.js'), '');
  writeFileSync(join(booth, 'flows.json'), '[]');
  mkdirSync(join(root, 'mnt/backup'), { recursive: true });
  await go(documented('rsync'));
  const copied = readdirSync(join(root, 'mnt/backup/booth'), { recursive: true }).map(String);
  assert.ok(copied.includes('flows.json') && copied.includes('booth/out/b.mp4'), copied.join());
  assert.ok(!copied.some((file) => /node_modules|\.work/.test(file)), copied.join());
});
