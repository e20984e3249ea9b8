/** Wheels: fetched by pip, checked, unpacked by Python's zipfile. Python is there anyway: pip is part of it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MangaError } from '../../errors/manga-error.ts';
import { byteProgress, type ProgressLine } from './progress.ts';
import { runTool } from './tool.ts';
import type { Wheel } from './wheels.ts';

/** A file of the unpacked library, as it must be. */
export interface UnpackedFile {
  /** Relative to the library's folder. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

// The library does not depend on the Python it was packed for; one fixed tag gives one fixed checksum.
const PYTHON_TAGS = ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312'];

/**
 * Downloads with the pip of this machine, so that its index, proxy, certificates and mirrors are used.
 * @param folder an existing empty folder for the wheel and pip's temporary files
 * @returns path of the wheel, its checksum verified
 * @throws MangaError IO when the download or its checksum fails; ENGINE_MISSING without Python or pip
 */
export async function fetchWheel(wheel: Wheel, folder: string, onProgress: ProgressLine): Promise<string> {
  await requirePip();
  const target = join(folder, 'wheel');
  const temporary = join(folder, 'pip');
  await mkdir(target);
  await mkdir(temporary);
  const report = byteProgress(`Downloading ${wheel.requirement}`, wheel.bytes, onProgress);
  // pip shows no progress to a pipe: watch the file it writes.
  const timer = setInterval(() => folderBytes(temporary).then(report, () => undefined), 500);
  const args = ['-m', 'pip', 'download', '--quiet', '--no-input', '--no-cache-dir', '--no-deps', '--only-binary=:all:'];
  for (const platform of wheel.platforms) args.push('--platform', platform);
  try {
    await runTool('python3', [...args, ...PYTHON_TAGS, '--dest', target, wheel.requirement], {
      env: { TMPDIR: temporary, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    });
  } finally {
    clearInterval(timer);
  }
  const names = await readdir(target);
  if (names.length !== 1) throw new MangaError('IO', `pip gave ${names.length} files for ${wheel.requirement}.`);
  const path = join(target, names[0]);
  report((await stat(path)).size);
  const sha256 = await hashFile(path);
  if (sha256 !== wheel.sha256) {
    const message = `The download of ${wheel.requirement} has the checksum ${sha256} instead of ${wheel.sha256}.`;
    throw new MangaError(
      'IO',
      message,
      'Nothing was installed. A proxy or a mirror may have changed it: try another network.',
    );
  }
  return path;
}

async function requirePip(): Promise<void> {
  try {
    await runTool('python3', ['-m', 'pip', '--version']);
  } catch (cause) {
    if (cause instanceof MangaError && cause.code === 'ENGINE_MISSING') throw cause;
    const hint = 'Install it, on Debian and Ubuntu with `sudo apt-get install python3-pip`, and try again.';
    throw new MangaError('ENGINE_MISSING', 'The set-up of TensorFlow needs pip, which python3 does not have.', hint, {
      cause,
    });
  }
}

const UNPACK = `
import hashlib, json, os, sys, zipfile
wheel, folder = sys.argv[1:3]
prefixes = tuple(sys.argv[3:])
with zipfile.ZipFile(wheel) as archive:
    members = [m for m in archive.infolist() if not m.is_dir() and m.filename.startswith(prefixes)]
    total, done = sum(m.file_size for m in members), 0
    for member in members:
        path = os.path.join(folder, member.filename)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        digest = hashlib.sha256()
        with archive.open(member) as source, open(path, 'wb') as target:
            while chunk := source.read(1 << 22):
                digest.update(chunk)
                target.write(chunk)
                done += len(chunk)
                print(json.dumps({'done': done, 'total': total}), flush=True)
        print(json.dumps({'path': member.filename, 'bytes': member.file_size, 'sha256': digest.hexdigest()}), flush=True)
`;

/**
 * Unpacks a wheel's wanted members into a folder, keeping their paths.
 * @throws MangaError IO when the archive is damaged, the disk full or a wanted member is missing
 */
export async function unpackWheel(
  wheel: Wheel,
  archive: string,
  folder: string,
  onProgress: ProgressLine,
): Promise<UnpackedFile[]> {
  const files: UnpackedFile[] = [];
  let report: ((bytes: number) => void) | undefined;
  await runTool('python3', ['-c', UNPACK, archive, folder, ...wheel.members], {
    onLine: (line) => {
      const message = JSON.parse(line) as UnpackedFile | { done: number; total: number };
      if ('path' in message) files.push(message);
      else {
        report ??= byteProgress(`Unpacking ${wheel.requirement}`, message.total, onProgress);
        report(message.done);
      }
    },
  });
  if (files.length === 0) throw new MangaError('IO', `${wheel.requirement} holds none of ${wheel.members.join(', ')}.`);
  return files;
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
