/** Finds ffmpeg: the setting MOTION_MANGA_FFMPEG, then FFMPEG_PATH, then the PATH. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

export interface Ffmpeg {
  readonly path: string;
  /** '5.1.9-0+deb12u1' */
  readonly version: string;
  /** Names of its encoders of pictures and sound: 'libx264', 'libvpx-vp9', 'aac', ... */
  readonly encoders: ReadonlySet<string>;
}

export interface NoFfmpeg {
  readonly path?: undefined;
  /** Why, as a sentence. */
  readonly missing: string;
}

export const ffmpegHint =
  'Install it (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), ' +
  'or set MOTION_MANGA_FFMPEG to its path.';

type Environment = Readonly<Record<string, string | undefined>>;

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function onPath(environment: Environment): Promise<string | undefined> {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  for (const folder of (environment.PATH ?? environment.Path ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    if (folder && (await isExecutable(file))) return file;
  }
  return undefined;
}

/** Runs `ffmpeg -encoders`: the banner with the version goes to stderr, the list to stdout. */
function ask(file: string): Promise<Ffmpeg | NoFfmpeg> {
  return new Promise((resolve) => {
    execFile(file, ['-encoders'], { timeout: 15_000, windowsHide: true }, (error, stdout, stderr) => {
      if (error) return resolve({ missing: `${file} does not run (${error.message.split('\n')[0]}).` });
      const encoders = new Set(Array.from(stdout.matchAll(/^ [VA]\S{5} (\S+)/gm), (match) => match[1]!));
      resolve({ path: file, version: /version (\S+)/.exec(stderr)?.[1] ?? 'unknown', encoders });
    });
  });
}

async function find(environment: Environment): Promise<Ffmpeg | NoFfmpeg> {
  for (const name of ['MOTION_MANGA_FFMPEG', 'FFMPEG_PATH']) {
    const file = environment[name];
    if (!file) continue;
    // A path that is set on purpose is not passed over silently.
    return (await isExecutable(file))
      ? ask(path.resolve(file))
      : { missing: `${name} is ${file}, which is no program.` };
  }
  const file = await onPath(environment);
  return file ? ask(file) : { missing: 'ffmpeg is not installed.' };
}

const known = new Map<string, Promise<Ffmpeg | NoFfmpeg>>();

/** Cached for as long as the three variables stay the same. Never rejects. */
export function findFfmpeg(environment: Environment = process.env): Promise<Ffmpeg | NoFfmpeg> {
  const { MOTION_MANGA_FFMPEG, FFMPEG_PATH, PATH, Path } = environment;
  const key = JSON.stringify([MOTION_MANGA_FFMPEG, FFMPEG_PATH, PATH, Path]);
  let found = known.get(key);
  if (!found) {
    found = find(environment);
    known.set(key, found);
  }
  return found;
}
