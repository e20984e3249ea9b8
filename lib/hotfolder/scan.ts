/** Lists what the inbox holds, in small steps: also with 20,000 files the event loop stays free. */
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './io-error.ts';
import { hasExtension, isJunk } from './names.ts';

export interface ScanOptions {
  readonly recursive: boolean;
  readonly extensions: ReadonlySet<string>;
  /** Folders never entered. */
  isOwn(path: string): boolean;
}

export type Found =
  | { readonly kind: 'file'; readonly path: string }
  /** `id` tells the folder from another made later at the same path. */
  | { readonly kind: 'folder'; readonly path: string; readonly id: string }
  | { readonly kind: 'trouble'; readonly path: string; readonly error: unknown };

/** Entries read at once from a folder. */
const CHUNK = 128;

/**
 * Yields `inbox` itself, then files with a fitting name (whatever they are), then subfolders if `recursive`. A link may stand for
 * a folder, so a recursive scan yields every link as a file, to be refused; none is followed.
 */
export async function* scan(inbox: string, options: ScanOptions): AsyncGenerator<Found> {
  const folders = [inbox];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      const { dev, ino } = await lstat(folder);
      yield { kind: 'folder', path: folder, id: `${dev}:${ino}` };
      for await (const entry of await opendir(folder, { bufferSize: CHUNK })) {
        if (isJunk(entry.name)) continue;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (options.recursive && !options.isOwn(path)) folders.push(path);
        } else if (hasExtension(entry.name, options.extensions) || (options.recursive && entry.isSymbolicLink())) {
          yield { kind: 'file', path };
        }
      }
    } catch (error) {
      // A subfolder may go at any time.
      if (errnoOf(error) !== 'ENOENT' || folder === inbox) yield { kind: 'trouble', path: folder, error };
    }
  }
}
