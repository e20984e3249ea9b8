import { MangaError } from '../errors/manga-error.ts';
import { printableName } from './printable.ts';

/** What an errno means for a person, and what to do about it. */
const reasons: Readonly<Record<string, readonly [cause: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space, or write to another disk.'],
  EDQUOT: ['your disk quota is used up', 'Free some space, or write to another disk.'],
  EFBIG: ['the file would be larger than the file system allows', 'Use fewer frames or a smaller size.'],
  EACCES: ['permission is denied', 'Give the account that runs this program the right to read and write there.'],
  EPERM: ['permission is denied', 'Give the account that runs this program the right to read and write there.'],
  EROFS: ['the disk is read-only', 'Choose a folder on a disk that can be written to.'],
  ENOENT: ['the file or its folder does not exist', 'Check the path; it may have been moved or deleted meanwhile.'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'Check the path.'],
  EISDIR: ['it is a folder', 'Give the path of a file.'],
  EEXIST: ['something else is in its place', 'Choose another name, or move what is there away.'],
  ENOTEMPTY: ['something else is in its place', 'Choose another name, or move what is there away.'],
  ENAMETOOLONG: ['the name is too long for this file system', 'Use a shorter name.'],
  ELOOP: ['its symbolic links go round in a circle', 'Repair the links.'],
  EMFILE: ['too many files are open', 'Run fewer jobs at once, or raise the limit (ulimit -n).'],
  ENFILE: ['too many files are open', 'Run fewer jobs at once, or raise the limit (ulimit -n).'],
  EIO: ['the disk reports an error', 'Check the disk and its connection.'],
  EBUSY: ['another program holds it', 'Close that program, then try again.'],
  ESTALE: ['the network folder went away', 'Check the connection to the server, then try again.'],
};

/** True of the errors that node:fs throws. */
export function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

/**
 * A failed file operation as an error for people.
 * @param doing what was tried, as the start of a sentence: 'Cannot write'
 */
export function ioError(doing: string, file: string, error: unknown): MangaError {
  if (error instanceof MangaError) return error;
  const code = isErrno(error) ? error.code! : '';
  const [cause, hint] = reasons[code] ?? [
    error instanceof Error ? error.message : String(error),
    'Check the disk and the path.',
  ];
  return new MangaError('IO', `${doing} ${printableName(file)}: ${cause}.`, hint, { cause: error });
}
