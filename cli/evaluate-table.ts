import { COLUMNS } from '../lib/metrics/columns.ts';
import type { Evaluation } from '../lib/metrics/evaluate.ts';

/** The means of each subject, for a terminal. */
export function evaluationTable({ subjects, photos, pages, features }: Evaluation): string {
  const shown = COLUMNS.filter(({ value }) => subjects.some((row) => value(row) !== null));
  const cells = [
    ['', ...shown.map(({ title }) => title)],
    ...subjects.map((row) => [
      row.subject,
      ...shown.map(({ value, show }) => (value(row) === null ? '-' : show(value(row)!, row))),
    ]),
  ];
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const table = cells.map((line) => line.map((cell, i) => (i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))));
  const titles = (pages?.titles ?? []).filter(({ toOthers }) => toOthers !== null);
  return [
    ...table.map((line) => line.join('  ')),
    `${photos.length} photos. Features: ${features.name}.`,
    ...(titles.length > 0
      ? [
          `Set distance of each title to the others: ${titles.map((t) => `${t.name} ${t.toOthers!.toFixed(3)}`).join(', ')}.`,
        ]
      : []),
    '',
  ].join('\n');
}
