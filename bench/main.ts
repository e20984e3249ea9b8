/**
 * `npm run bench`: runs benches one after the other, each in a process of its own, and prints one JSON document on
 * stdout; progress goes to stderr. Nothing is asserted: exit code 1 only when a bench fails to run.
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Result } from './bench.ts';
import type { Outcome } from './child.ts';
import { describeMachine, type Machine } from './machine.ts';
import { BENCHES } from './registry.ts';

export interface Report {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly benches: readonly Result[];
  readonly skipped: Readonly<Record<string, string>>;
  readonly failed: Readonly<Record<string, string>>;
}

const names = Object.keys(BENCHES);
const help = `npm run bench -- [--only name,...] [--quick] [--json-out FILE]

  --only      of: ${names.join(', ')}
  --quick     few runs: rough figures, to see that everything works
  --json-out  also writes the JSON to a file; node bench/report.ts FILE puts it into docs/performance.md
`;

function runBench(name: string, quick: boolean): Promise<Outcome> {
  return new Promise((resolve) => {
    // The child's stdout may carry words of libraries: ours is for the JSON.
    const child = fork(new URL('./child.ts', import.meta.url), [name, quick ? 'quick' : 'full'], {
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    });
    let outcome: Outcome | undefined;
    child.on('message', (message) => {
      outcome = message as Outcome;
    });
    child.on('error', (error) => resolve({ failed: error.message }));
    child.on('exit', (code, signal) =>
      resolve(outcome ?? { failed: `its process ended (${signal ?? `code ${code}`})` }),
    );
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'json-out': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const chosen = values.only?.split(',').map((name) => name.trim()) ?? names;
  const unknown = chosen.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(', ')}.`);

  const benches: Result[] = [];
  const skipped: Record<string, string> = {};
  const failed: Record<string, string> = {};
  const machine = await describeMachine();
  for (const name of chosen) {
    process.stderr.write(`${name}\n`);
    const outcome = await runBench(name, values.quick);
    if ('results' in outcome) benches.push(...outcome.results);
    else if ('skipped' in outcome) skipped[name] = outcome.skipped;
    else failed[name] = outcome.failed;
    if ('skipped' in outcome) process.stderr.write(`  skipped: ${outcome.skipped}\n`);
    if ('failed' in outcome) process.stderr.write(`  failed: ${outcome.failed}\n`);
  }
  const report: Report = { machine, quick: values.quick, benches, skipped, failed };
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (values['json-out']) writeFileSync(values['json-out'], json);
  process.stdout.write(json);
  return Object.keys(failed).length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${help}`);
  process.exitCode = 1;
}
