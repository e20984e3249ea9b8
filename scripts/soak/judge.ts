/** Looks at the folders when all is over: what became of every file that was dropped. */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import sharp from 'sharp';
import type { Home } from './home.ts';
import { type Drop, tokenOf } from './plan.ts';

const REPORT = '.error.json';

export interface Found {
  /** Originals in done, and in failed. */
  readonly done: ReadonlyMap<string, string[]>;
  readonly failed: ReadonlyMap<string, string[]>;
  readonly reports: ReadonlyMap<string, string[]>;
  readonly clips: ReadonlyMap<string, string[]>;
  /** Files of ours that are still in the inbox or under work. */
  readonly waiting: readonly string[];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function byToken(paths: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const token = tokenOf(basename(path));
    if (token) found.set(token, [...(found.get(token) ?? []), path]);
  }
  return found;
}

/** @param clipEnding of clips, with the dot */
export async function look({ inbox, outbox }: Home, clipEnding: string): Promise<Found> {
  const all = await filesBelow(inbox);
  const under = (folder: string) => all.filter((path) => path.startsWith(join(inbox, folder, sep)));
  const [done, failed] = [under('done'), under('failed')];
  const filed = new Set([...done, ...failed, ...under('.motion-manga')]);
  const clips = (await filesBelow(outbox)).filter(
    (path) => path.endsWith(clipEnding) && !basename(path).startsWith('.'),
  );
  return {
    done: byToken(done),
    failed: byToken(failed.filter((path) => !/\.error\.(json|txt)$/.test(path))),
    reports: byToken(failed.filter((path) => path.endsWith(REPORT))),
    clips: byToken(clips),
    waiting: all.filter((path) => !filed.has(path) && tokenOf(path)).map((path) => relative(inbox, path)),
  };
}

/** Dropped files that are over: filed away, one way or the other. */
export function finished({ done, failed, reports }: Found): number {
  return new Set([...done.keys(), ...[...failed.keys()].filter((token) => reports.has(token))]).size;
}

export interface Verdict {
  readonly lost: string[];
  readonly doubled: string[];
  /** A good file refused, a bad one drawn, a clip that does not open, a report without cause or remedy. */
  readonly wrong: string[];
}

function reportFault(path: string): string | undefined {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const missing = ['file', 'code', 'cause', 'hint'].filter(
    (key) => typeof report[key] !== 'string' || report[key] === '',
  );
  if (missing.length > 0) return `its report has no ${missing.join(', ')}`;
  if (report.code === 'INTERNAL') return `its report blames us: ${report.cause}`;
  return undefined;
}

async function clipFault(path: string): Promise<string | undefined> {
  return sharp(path)
    .metadata()
    .then(
      ({ width }) => (width ? undefined : 'its clip has no size'),
      (error: Error) => `its clip does not open: ${error.message}`,
    );
}

export async function judge(drops: readonly Drop[], found: Found): Promise<Verdict> {
  const verdict: Verdict = { lost: [], doubled: [], wrong: [] };
  for (const { name, token, expect, manner } of drops) {
    const [clips, reports, done, failed] = [found.clips, found.reports, found.done, found.failed].map(
      (map) => map.get(token) ?? [],
    ) as [string[], string[], string[], string[]];
    const cause = reports[0] ? `: ${JSON.parse(readFileSync(reports[0], 'utf8')).cause}` : '';
    const what = `${name} (${expect}, ${manner}): ${clips.length} clips, ${reports.length} reports, ${done.length} in done, ${failed.length} in failed`;
    if (clips.length > 1 || reports.length > 1 || done.length + failed.length > 1 || (clips.length && reports.length))
      verdict.doubled.push(what + cause);
    else if (done.length + failed.length === 0 || clips.length + reports.length === 0) verdict.lost.push(what);
    else if ((expect === 'clip' && reports.length) || (expect === 'report' && clips.length))
      verdict.wrong.push(what + cause);
    else {
      const fault = reports[0] ? reportFault(reports[0]) : await clipFault(clips[0]!);
      if (fault) verdict.wrong.push(`${what}; ${fault}`);
    }
  }
  return verdict;
}
