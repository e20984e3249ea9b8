/**
 * An append-only file of checked lines: 8 hexadecimal digits of CRC-32, a blank, JSON, a newline. What an append that
 * failed or a power failure left half written at the end is cut off; a bad line before a good one is corruption.
 */
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { syncFolder } from '../hotfolder/move.ts';

/** Lines parsed, or written anew, in one turn of the event loop: about 2 ms. */
const SLICE = 500;
const READ_BYTES = 256 * 1024;

export interface Opened {
  readonly journal: Journal;
  /** Bytes cut off at the end. */
  readonly torn: number;
}

/** A bad line was followed by good ones: nobody but a fault of disk or hand does that. */
export class CorruptJournal extends Error {
  readonly badLines: number;

  constructor(badLines: number) {
    super(`${badLines} damaged lines`);
    this.badLines = badLines;
  }
}

function encode(value: unknown): string {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/** @returns undefined for a line that is not as {@link encode} wrote it */
function decode(line: Buffer): unknown {
  if (line.length < 10 || line[8] !== 32) return undefined;
  const json = line.subarray(9);
  if (crc32(json).toString(16).padStart(8, '0') !== line.toString('latin1', 0, 8)) return undefined;
  try {
    return JSON.parse(json.toString());
  } catch {
    return undefined;
  }
}

/**
 * Reads all good lines of a journal, in order.
 * @returns where the last good line ends, and the bad lines before it
 */
async function replay(file: FileHandle, take: (value: unknown) => void): Promise<{ end: number; badLines: number }> {
  let rest = Buffer.alloc(0);
  let at = 0;
  let end = 0;
  let bad = 0;
  let badLines = 0;
  let lines = 0;
  const chunk = Buffer.alloc(READ_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at + rest.length);
    if (bytesRead === 0) return { end, badLines };
    const block = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let start = 0;
    for (let stop = block.indexOf(10); stop >= 0; stop = block.indexOf(10, start)) {
      const value = decode(block.subarray(start, stop));
      start = stop + 1;
      if (value === undefined) {
        bad++;
      } else {
        badLines += bad;
        bad = 0;
        end = at + start;
        take(value);
      }
      if (++lines % SLICE === 0) await turn();
    }
    rest = block.subarray(start);
    at += start;
  }
}

/** @returns path of a complete journal beside the one at `path`, in slices so that the event loop stays free */
async function writePart(path: string, values: Iterable<unknown>): Promise<string> {
  const temporary = join(dirname(path), '.ledger.part');
  const file = await open(temporary, 'w');
  try {
    let slice: string[] = [];
    for (const value of values) {
      if (slice.push(encode(value)) < SLICE) continue;
      await file.appendFile(slice.join(''));
      slice = [];
    }
    await file.appendFile(slice.join(''));
    await file.sync();
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

async function putInPlace(temporary: string, path: string): Promise<void> {
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Replaces a journal that is not open, in one step. @throws file system errors; the old one is then still there */
export async function replaceJournal(path: string, values: Iterable<unknown>): Promise<void> {
  await putInPlace(await writePart(path, values), path);
}

interface Waiting {
  readonly value: unknown;
  readonly sync: boolean;
  /** The line is in the journal. */
  written(): void;
  reject(error: unknown): void;
}

export class Journal {
  readonly #path: string;
  #file: FileHandle;
  #size: number;
  #waiting: Waiting[] = [];
  /** Appends and compactions, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #scheduled = false;
  /** The file may hold half a line behind `#size`. */
  #ragged = false;

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a journal, made if it is missing (its folder must exist).
   * @param take called with the value of each good line, also before a CorruptJournal is thrown
   * @throws CorruptJournal; file system errors
   */
  static async open(path: string, take: (value: unknown) => void): Promise<Opened> {
    const file = await open(path, 'a+');
    try {
      const { end, badLines } = await replay(file, take);
      if (badLines > 0) throw new CorruptJournal(badLines);
      const torn = (await file.stat()).size - end;
      if (torn > 0) await file.truncate(end);
      await syncFolder(dirname(path));
      return { journal: new Journal(path, file, end), torn };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#size;
  }

  /**
   * Adds a line. Lines are written in the order of the calls; those that wait together share a write and a flush.
   * @param sync flush to the disk before resolving
   * @param written called as soon as the line is in the journal, before anything else is done to it
   * @throws file system errors; the line is then not in the journal
   */
  append(value: unknown, sync: boolean, written: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        written();
        resolve();
      };
      this.#waiting.push({ value, sync, written: done, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#work = this.#work.then(() => this.#flush());
    });
  }

  async #flush(): Promise<void> {
    this.#scheduled = false;
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      if (this.#ragged) await this.#file.truncate(this.#size);
      this.#ragged = true;
      const bytes = Buffer.from(batch.map(({ value }) => encode(value)).join(''));
      await this.#file.appendFile(bytes);
      if (batch.some(({ sync }) => sync)) await this.#file.datasync();
      this.#size += bytes.length;
      this.#ragged = false;
      for (const { written } of batch) written();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /**
   * Writes the journal anew from the values that still count, and puts it in the place of the old one in one step.
   * Appends wait meanwhile.
   */
  compact(values: () => Iterable<unknown>): Promise<void> {
    const done = this.#work.then(() => this.#compact(values()));
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #compact(values: Iterable<unknown>): Promise<void> {
    const temporary = await writePart(this.#path, values);
    // Windows renames nothing over an open file.
    await this.#file.close();
    try {
      await putInPlace(temporary, this.#path);
    } finally {
      this.#file = await open(this.#path, 'a+');
    }
    this.#size = (await this.#file.stat()).size;
    this.#ragged = false;
  }

  /** Whether the file is still the one at the path: the folder may have been removed and made again. */
  async isThere(): Promise<boolean> {
    try {
      const [own, there] = await Promise.all([this.#file.stat(), stat(this.#path)]);
      return own.ino === there.ino && own.dev === there.dev;
    } catch {
      return false;
    }
  }

  /** Writes what waits, then closes. */
  async close(): Promise<void> {
    await this.#work;
    await this.#file.close();
  }
}
