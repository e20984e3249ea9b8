import { MangaError } from '../errors/manga-error.ts';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space, and it is tried again by itself.',
  EDQUOT: 'The disk quota is used up: free some space, and it is tried again by itself.',
  EACCES: 'Give the user that runs Node-RED the right to read and write there.',
  EPERM: 'Give the user that runs Node-RED the right to read and write there.',
  EROFS: 'The disk is mounted read-only: mount it for writing, or choose another folder.',
  ENOENT: 'Look whether the disk or network share is connected.',
  ENOTDIR: 'A file is in the place of a folder: move it away, or choose another folder.',
  EEXIST: 'A file is in the place of a folder: move it away, or choose another folder.',
  EMFILE: 'Too many open files: raise the limit (ulimit -n).',
  EBUSY: 'Another program uses it: close that program.',
};

/** Errors that may be gone at the next try although nobody touched the file. */
const PASSING = new Set([
  'EBUSY',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOSPC',
  'EDQUOT',
  'ETXTBSY',
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
]);

/** The errno name of a thrown value ('ENOENT'), or ''. */
export function errnoOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

export function isGone(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT';
}

/** Whether trying again later may help. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(errnoOf(error));
}

/** Also of an error whose errno was lost on its way through the session and a catch node. */
export function isDiskFull(error: unknown): boolean {
  const { message, cause } = Object(error) as Record<string, unknown>;
  if (['ENOSPC', 'EDQUOT'].includes(errnoOf(error)) || ['ENOSPC', 'EDQUOT'].includes(errnoOf(cause))) return true;
  return /ENOSPC|EDQUOT|disk is full|quota is used up|no space left/i.test(String(message));
}

/** A path for messages: quoted, with newlines and quotes made visible. */
export function show(path: string): string {
  return JSON.stringify(path);
}

/** @param action what could not be done: 'move', 'watch' */
export function ioError(action: string, path: string, error: unknown): MangaError {
  if (error instanceof MangaError) return error;
  const errno = errnoOf(error);
  const reason = error instanceof Error ? error.message.split(',')[0]! : String(error);
  const hint = HINTS[errno] ?? 'It is tried again at the next rescan.';
  return new MangaError('IO', `Cannot ${action} ${show(path)}: ${reason}.`, hint, { cause: error });
}
