import { COLUMNS, type Column } from '../columns.ts';
import type { Evaluation } from '../evaluate.ts';
import type { Measures } from '../measure.ts';
import { STYLE } from './style.ts';
import type { Sheet } from './tiles.ts';

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]!);

/** The best value of a column over the drawn subjects: the photo itself has nothing drawn to be best in. */
function bestOf({ value, better }: Column, rows: readonly Measures[]): number | null {
  const values = rows
    .filter((row) => row.drawn)
    .map(value)
    .filter((found) => found !== null);
  if (!better || values.length < 2) return null;
  return better === 'less' ? Math.min(...values) : Math.max(...values);
}

function resultTable({ subjects }: Evaluation): string {
  const shown = COLUMNS.filter(({ value }) => subjects.some((row) => value(row) !== null));
  const head = shown.map(({ title }) => `<th scope="col">${title}</th>`).join('');
  const rows = subjects.map((row) => {
    const cells = shown.map((column) => {
      const value = column.value(row);
      const best = value !== null && row.drawn && value === bestOf(column, subjects);
      return `<td${best ? ' class="best"' : ''}>${value === null ? '–' : column.show(value, row)}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(row.subject)}</th>${cells.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0"><table><thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function moveTable({ subjects }: Evaluation): string {
  const moves = [...new Set(subjects.flatMap((row) => Object.keys(row.moves)))];
  if (moves.length < 2) return '';
  const head = moves.map((move) => `<th scope="col">${escapeHtml(move)}</th>`).join('');
  const rows = subjects.flatMap((row) => {
    const cells = moves.map((move) => {
      const found = row.moves[move];
      return `<td>${found?.eWarp1 == null ? '–' : `${found.eWarp1.toFixed(5)} <small>${((found.nE ?? 0) * 100).toFixed(2)} %</small>`}</td>`;
    });
    return cells.every((cell) => cell === '<td>–</td>')
      ? []
      : [`<tr><th scope="row">${escapeHtml(row.subject)}</th>${cells.join('')}</tr>`];
  });
  return `<h2>E_warp 1 and nE by move</h2><div class="scroll" tabindex="0"><table><thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function pageNote({ pages }: Evaluation): string {
  if (!pages) return '';
  const titles = pages.titles
    .filter(({ toOthers }) => toOthers !== null)
    .map(({ name, toOthers }) => `${escapeHtml(name)} ${toOthers!.toFixed(3)}`);
  const count = pages.titles.reduce((sum, title) => sum + title.pages, 0);
  const apart =
    titles.length > 0 ? ` Set distance of each title to the others, the mark to reach: ${titles.join(', ')}.` : '';
  return `<p>Pages: ${count} of ${pages.titles.length} titles, ${pages.crops} crops.${apart}</p>`;
}

function sheet({ photo, tiles, strips }: Sheet): string {
  const figures = tiles.map(
    ({ caption, uri }) =>
      `<figure><img loading="lazy" src="${uri}" alt="${escapeHtml(`${photo}, ${caption}`)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`,
  );
  const clips = strips.map(({ subject, move, frames }) => {
    const images = frames.map(
      (uri, i) =>
        `<img loading="lazy" src="${uri}" alt="${escapeHtml(`${photo}, ${subject}, ${move}, ${['first', 'middle', 'last'][i]} frame`)}">`,
    );
    return `<figure class="strip"><div>${images.join('')}</div><figcaption>${escapeHtml(subject)}, ${escapeHtml(move)}: first, middle, last frame</figcaption></figure>`;
  });
  const more =
    clips.length > 0 ? `<details><summary>Clips</summary><div class="strips">${clips.join('')}</div></details>` : '';
  return `<section><h3>${escapeHtml(photo)}</h3><div class="tiles">${figures.join('')}</div>${more}</section>`;
}

/**
 * A page that needs nothing else: pictures are in it, no script, light and dark.
 * @param made when and with what, for the foot
 */
export function reportHtml(evaluation: Evaluation, sheets: readonly Sheet[], made: string): string {
  const definitions = COLUMNS.map(
    ({ title, definition, better }) =>
      `<dt>${title}${better ? ` <small>${better} is better</small>` : ''}</dt><dd>${escapeHtml(definition)}</dd>`,
  );
  const { photos, features, correspondences } = evaluation;
  const left = photos.length - sheets.length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Motion Manga: evaluation of ${escapeHtml(evaluation.subjects[0]!.subject)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Evaluation of ${escapeHtml(evaluation.subjects[0]!.subject)}</h1>
<p>${photos.length} photos. Feature network: ${escapeHtml(features.name)}. Correspondences: ${correspondences === 'camera' ? 'exact, of a known camera (protocol SK5-cam)' : 'estimated optical flow'}.</p>
${resultTable(evaluation)}
${pageNote(evaluation)}
${moveTable(evaluation)}
<h2>Pictures</h2>
<p>The middle of each photo, drawn at one scale: what set distance and content distance look at.${left > 0 ? ` ${left} more photos were measured.` : ''}</p>
${sheets.map(sheet).join('\n')}
<h2>What the figures mean</h2>
<dl>${definitions.join('')}</dl>
<footer>${escapeHtml(made)}</footer>
</main>
</body>
</html>
`;
}
