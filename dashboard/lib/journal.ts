import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes of appended lines after which the file is written anew, compact. */
const MOST_APPENDED = 2_000_000;
/** Lines wait so long for company. */
const FLUSH_MS = 1000;

/**
 * A file of JSON lines: a compact beginning, then what was appended. It stays small: when much was appended, the owner's
 * state is written anew. What was written is in the file after at most a second; a torn last line is skipped on reading.
 */
export class Journal {
  readonly #path: string;
  /** The lines that stand for all there is. */
  readonly #compact: () => readonly unknown[];
  readonly #failed: (error: Error) => void;
  #waiting: string[] = [];
  #appended = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(path: string, compact: () => readonly unknown[], failed: (error: Error) => void) {
    this.#path = path;
    this.#compact = compact;
    this.#failed = failed;
  }

  /** @returns the lines of the file, or none when there is none yet */
  async read(): Promise<unknown[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') this.#failed(error);
      return '';
    });
    this.#appended = text.length;
    return text.split('\n').flatMap((line) => {
      try {
        return line ? [JSON.parse(line) as unknown] : [];
      } catch {
        return [];
      }
    });
  }

  append(line: unknown): void {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Resolves when all that was appended is in the file, or could not be written and `failed` was told. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#work = this.#work.then(() => this.#write()).catch((error: Error) => this.#failed(error));
    return this.#work;
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join('');
    this.#waiting = [];
    await mkdir(dirname(this.#path), { recursive: true });
    if (this.#appended + text.length <= MOST_APPENDED) {
      await appendFile(this.#path, text);
      this.#appended += text.length;
      return;
    }
    const fresh = `${this.#path}.new`;
    try {
      await writeFile(
        fresh,
        this.#compact()
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      );
      await rename(fresh, this.#path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
    this.#appended = 0;
  }
}
