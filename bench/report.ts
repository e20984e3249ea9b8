/**
 * node bench/report.ts FILE: puts the figures of a run (`npm run bench -- --json-out FILE`) into docs/performance.md,
 * between its two marks.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Result, Summary } from './bench.ts';
import type { Report } from './main.ts';

const DOCUMENT = new URL('../docs/performance.md', import.meta.url);
const BEGIN = '<!-- figures: written by bench/report.ts -->';
const END = '<!-- end of figures -->';

const digits = (value: number): string =>
  value.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false });
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function span(summary: Summary): string {
  return `${digits(summary.median)} (${digits(summary.min)}–${digits(summary.max)})`;
}

/** Nested values as `key value` after one another. */
function words(value: unknown): string {
  if (Array.isArray(value)) return value.map(words).join('; ');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(
        ([key, inner]) => `${key} ${typeof inner === 'object' && inner !== null ? `(${words(inner)})` : words(inner)}`,
      )
      .join(', ');
  }
  return value === null ? 'unknown' : String(value);
}

function resultRow(result: Result): string {
  const { name, unit, target, baseline, ratio, runs } = result;
  const against = baseline
    ? `${baseline.name}: ${span(baseline)}${ratio === undefined ? '' : `, ratio **${ratio}**`}`
    : '';
  return row([name, unit, span(result), String(runs), target ?? '', against]);
}

function figures({ machine, quick, benches, skipped, failed }: Report): string {
  const details = benches.filter((result) => result.details).map(({ name, details }) => `- ${name}: ${words(details)}`);
  const missing = { ...skipped, ...failed };
  return [
    quick ? '**Rough figures of a quick run.**\n' : '',
    `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.platform}; Node ${machine.node}, ONNX Runtime ` +
      `${machine.onnxruntime}, sharp ${machine.sharp}, ffmpeg ${machine.ffmpeg}; commit ${machine.commit}, ` +
      `${machine.date.slice(0, 10)}; load of the machine before the run ${machine.load}.`,
    '',
    row(['bench', 'unit', 'median (min–max)', 'runs', 'target', 'compared with']),
    row(['---', '---', '---', '---', '---', '---']),
    ...benches.map(resultRow),
    '',
    'Details:',
    '',
    ...details,
    ...Object.entries(missing).map(([name, reason]) => `- ${name} did not run: ${reason}`),
  ]
    .join('\n')
    .trim();
}

const [file] = process.argv.slice(2);
if (!file) {
  process.stderr.write('node bench/report.ts FILE, the file that npm run bench -- --json-out wrote\n');
  process.exitCode = 1;
} else {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md lacks the marks ${BEGIN} and ${END}.`);
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  writeFileSync(DOCUMENT, `${text.slice(0, from + BEGIN.length)}\n${figures(report)}\n${text.slice(to)}`);
}
