/**
 * Remembers the originals that stay in the inbox after their job (`doneAction` copy and leave), so that neither a scan
 * nor a restart takes them again. One JSON line a file in `.work/left.jsonl`; a torn last line is skipped.
 */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from './folders.ts';
import { isGone } from './io-error.ts';
import { writeAtomically } from './move.ts';
import type { FileStamp } from './settle.ts';
import { stampOf } from './stamp.ts';

type Line = readonly [relativePath: string, size: number, mtimeMs: number, ino: number];

export class LeftFiles {
  readonly #folders: Folders;
  readonly #path: string;
  readonly #lines = new Map<string, Line>();

  constructor(folders: Folders) {
    this.#folders = folders;
    this.#path = join(folders.work, 'left.jsonl');
  }

  /** Reads the list, drops files that are gone or changed since, and writes it anew. */
  async load(): Promise<void> {
    this.#lines.clear();
    const text = await this.#read();
    if (text === '') return;
    for (const json of text.split('\n')) {
      const line = parse(json);
      if (!line) continue;
      const stamp = await stampOf(join(this.#folders.inbox, line[0]));
      if (stamp && matches(line, stamp)) this.#lines.set(line[0], line);
    }
    await writeAtomically(this.#path, [...this.#lines.values()].map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  async #read(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isGone(error)) return '';
      throw error;
    }
  }

  mayHave(relativePath: string): boolean {
    return this.#lines.has(relativePath);
  }

  has(relativePath: string, stamp: FileStamp): boolean {
    const line = this.#lines.get(relativePath);
    return line !== undefined && matches(line, stamp);
  }

  async add(relativePath: string, stamp: FileStamp): Promise<void> {
    const line: Line = [relativePath, stamp.size, stamp.mtimeMs, stamp.ino];
    const handle = await open(this.#path, 'a');
    try {
      // A newline first: the line before may be torn.
      await handle.appendFile(`\n${JSON.stringify(line)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    this.#lines.set(relativePath, line);
  }
}

function matches([, size, mtimeMs, ino]: Line, stamp: FileStamp): boolean {
  return stamp.size === size && stamp.mtimeMs === mtimeMs && stamp.ino === ino;
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length === 4 && typeof value[0] === 'string'
      ? (value as unknown as Line)
      : undefined;
  } catch {
    return undefined;
  }
}
