/** Which file names the hot folder looks at, and how it makes new ones. */
import { extname } from 'node:path';

/** Longest file name in bytes that every usual file system takes. */
const NAME_MAX = 255;

const JUNK_NAMES = new Set([
  'thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  '@eadir',
  '#recycle',
  '$recycle.bin',
  'system volume information',
]);
const JUNK_ENDINGS = ['.part', '.partial', '.tmp', '.temp', '.crdownload', '.download', '.filepart', '~'];

/** Files and folders that systems, browsers and we ourselves leave about. Dot names cover .DS_Store, ._* and our own. */
export function isJunk(name: string): boolean {
  if (name.startsWith('.') || name.startsWith('~$')) return true;
  const lower = name.toLowerCase();
  return JUNK_NAMES.has(lower) || JUNK_ENDINGS.some((ending) => lower.endsWith(ending));
}

/** Ending of the file that says, where markers are wanted, that the file beside it is whole. */
export const MARKER = '.done';

/** The file that a marker belongs to; undefined if it is none. */
export function ofMarker(path: string): string | undefined {
  return path.toLowerCase().endsWith(MARKER) ? path.slice(0, -MARKER.length) : undefined;
}

/** @param extensions lower case, with the dot */
export function hasExtension(name: string, extensions: ReadonlySet<string>): boolean {
  return extensions.has(extname(name).toLowerCase());
}

/** The longest start of `text` that fits into `bytes` bytes of UTF-8, no character cut in two. */
function fit(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let used = 0;
  let result = '';
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    result += character;
  }
  return result;
}

/**
 * `stem` + `ending`, the stem shortened where that would not fit into a file name.
 * @param reserve bytes to keep free for an ending added later
 */
export function fitName(stem: string, ending: string, reserve = 0): string {
  return fit(stem, NAME_MAX - reserve - Buffer.byteLength(ending)) + ending;
}

/**
 * The name to try at the n-th attempt: `photo.jpg`, `photo-2.jpg`, `photo-3.jpg`. The stem is shortened where the name
 * would not fit.
 * @param reserve bytes to keep free for an ending added later
 */
export function numberedName(name: string, n: number, reserve = 0): string {
  const extension = extname(name);
  const suffix = n > 1 ? `-${n}` : '';
  const stem = name.slice(0, name.length - extension.length);
  const room = NAME_MAX - reserve - Buffer.byteLength(suffix) - Buffer.byteLength(extension);
  if (room < 1) return fit(stem, NAME_MAX - reserve - Buffer.byteLength(suffix)) + suffix;
  return fit(stem, room) + suffix + extension;
}
