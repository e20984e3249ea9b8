import type { Evaluation } from '../lib/metrics/evaluate.ts';
import type { Measures } from '../lib/metrics/measure.ts';

const digits = (value: number | null | undefined, places: number): string =>
  value === null || value === undefined ? '-' : value.toFixed(places);

const columns: readonly (readonly [string, (row: Measures) => string])[] = [
  ['', (row) => row.subject],
  ['set distance', (row) => digits(row.setDistance, 3)],
  ['content', (row) => digits(row.contentDistance, 4)],
  ['E_warp(1)', (row) => digits(row.temporal?.eWarp1, 5)],
  ['E_warp(10)', (row) => digits(row.temporal?.eWarp10, 5)],
  ['RMSE(1)', (row) => digits(row.temporal?.rmse1, 4)],
  ['RMSE(10)', (row) => digits(row.temporal?.rmse10, 4)],
  ['nE %', (row) => digits(row.temporal?.nE && row.temporal.nE * 100, 2)],
  ['contrast', (row) => digits(row.temporal?.contrast, 3)],
  ['motion px', (row) => digits(row.temporal?.motion, 2)],
  ['diversity', (row) => digits(row.diversity, 4)],
];

/** The means of each subject, for a terminal. */
export function evaluationTable({ subjects, photos, pages, features }: Evaluation): string {
  const cells = [columns.map(([title]) => title), ...subjects.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const table = cells.map((line) => line.map((cell, i) => (i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))));
  const titles = pages?.titles.map(({ name, toOthers }) => `${name} ${digits(toOthers, 3)}`).join(', ');
  return [
    ...table.map((line) => line.join('  ')),
    `${photos.length} photos. Features: ${features.name}.`,
    ...(titles ? [`Set distance of each real title to the others: ${titles}.`] : []),
    '',
  ].join('\n');
}
