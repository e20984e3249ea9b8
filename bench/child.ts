/** Runs one bench in this process, a child of main.ts, and sends what it found to the parent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Result, Skipped } from './bench.ts';
import { BENCHES } from './registry.ts';

export type Outcome = { readonly results: Result[] } | { readonly skipped: string } | { readonly failed: string };

// Nobody would read the figures any more.
process.on('disconnect', () => process.exit(1));

const [name, speed] = process.argv.slice(2) as [string, 'quick' | 'full'];
const scratch = mkdtempSync(path.join(tmpdir(), 'motion-manga-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

let outcome: Outcome;
try {
  const bench = await BENCHES[name]!();
  const tell = (line: string): void => void process.stderr.write(`  ${line}\n`);
  outcome = { results: await bench({ quick: speed === 'quick', scratch, tell }) };
} catch (error) {
  outcome =
    error instanceof Skipped
      ? { skipped: error.message }
      : { failed: error instanceof Error ? error.message : String(error) };
}
// Native threads may keep the process alive: all that counts is sent.
process.send!(outcome, () => process.exit(0));
