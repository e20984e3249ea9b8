/** What the folders themselves tell of jobs: for a ledger that was lost. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { JobRecord } from '../ledger/types.ts';
import type { Folders } from './folders.ts';
import { exists } from './move.ts';
import { REPORT_ENDING } from './report.ts';
import { recordsOf } from './sidecar.ts';
import { stampOf } from './stamp.ts';
import type { FailureReport } from './types.ts';

async function failedIn(folder: string): Promise<JobRecord[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: JobRecord[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith(REPORT_ENDING)) continue;
    const path = join(entry.parentPath, entry.name);
    try {
      const report = JSON.parse(await readFile(path, 'utf8')) as FailureReport;
      const original = path.slice(0, -REPORT_ENDING.length);
      if (typeof report.job !== 'string' || typeof report.file !== 'string') continue;
      const { job: id, file: name, code, cause, hint, attempts } = report;
      const state = code === 'CANCELLED' ? 'cancelled' : 'failed';
      const { size = 0 } = (await stampOf(original)) ?? {};
      const at = Date.parse(report.time) || 0;
      found.push({
        id,
        state,
        name,
        size,
        at,
        attempts,
        filed: relative(folder, original),
        fault: { code, cause, hint },
      });
    } catch {
      // Not a report of ours.
    }
  }
  return found;
}

/** The jobs that reports in the failed folder and sidecars in the output folders tell of. */
export async function recordsIn(folders: Folders): Promise<JobRecord[]> {
  const done = (await Promise.all(folders.outDirs.map(recordsOf))).flat();
  const filed = await Promise.all(
    done.map(async (record) =>
      (await exists(join(folders.done, record.name))) ? record : { ...record, filed: undefined },
    ),
  );
  return [...filed, ...(await failedIn(folders.failed))];
}
