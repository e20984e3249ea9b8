/**
 * Files claims away: the ledger first, then the original. What fails (disk full, folder gone) stays claimed, is reported,
 * and waits for {@link Filing.retry}; what a crash interrupts is finished by {@link Filing.finish}.
 */
import { join, relative } from 'node:path';
import type { MangaError } from '../errors/manga-error.ts';
import type { JobRecord, Ledger, Recipe } from '../ledger/types.ts';
import type { StillView } from '../motion/still-view.ts';
import type { Claim, ClaimStore } from './claims.ts';
import { disposeDone, disposeFailed } from './endings.ts';
import type { Folders } from './folders.ts';
import { ioError } from './io-error.ts';
import type { Listeners } from './listeners.ts';
import { exists, type Reservation } from './move.ts';
import type { Settings } from './options.ts';
import { makeReport, reportOf } from './report.ts';
import { doneSidecar, readSidecar, writeSidecar } from './sidecar.ts';
import type { FailureReport } from './types.ts';

export interface FilingOptions {
  readonly folders: Folders;
  readonly claims: ClaimStore;
  readonly ledger: Ledger;
  readonly doneAction: Settings['doneAction'];
  readonly listeners: Listeners;
  /** For sidecars. */
  recipe(): Promise<Recipe>;
  /** Called after each attempt. */
  changed(): void;
  /** Called with what made an attempt fail. */
  refused(error: MangaError): void;
}

export interface Outcome {
  readonly outputs: readonly string[];
  readonly milliseconds?: number;
  /** Of the clip: for its sidecar. */
  readonly still?: StillView;
}

export class Filing {
  readonly #options: FilingOptions;
  #again: (() => Promise<void>)[] = [];
  /** Claims being filed or waiting for another try. */
  readonly unfiled = new Set<Claim>();
  doneCount = 0;
  failedCount = 0;
  skippedCount = 0;

  constructor(options: FilingOptions) {
    this.#options = options;
  }

  /** What the ledger knows of a claim's job, to build its next record from. */
  base(claim: Claim): Omit<JobRecord, 'state'> {
    const {
      filed: _filed,
      left: _left,
      fault: _fault,
      outputs: _outputs,
      ...known
    } = this.#options.ledger.get(claim.id) ?? {
      attempts: 0,
    };
    return { ...known, id: claim.id, name: claim.relativePath, size: claim.size, at: Date.now() };
  }

  /** A job that succeeded. Never rejects. */
  async done(claim: Claim, { outputs, milliseconds, still }: Outcome): Promise<void> {
    const { redo: _redo, ...base } = this.base(claim);
    const record: JobRecord = { ...base, state: 'done', outputs, milliseconds };
    await this.#file(claim, async () => {
      if (this.#options.ledger.get(claim.id)?.state !== 'done') await this.#writeSidecars(record, still);
      await this.#dispose(claim, record);
    });
  }

  /** A picture whose clip is there already. Never rejects. */
  async skipped(claim: Claim, same: JobRecord, key: JobRecord['key']): Promise<void> {
    const record: JobRecord = { ...this.base(claim), key, state: 'skipped', sameAs: same.id, outputs: same.outputs };
    await this.#file(claim, () => this.#dispose(claim, record));
  }

  /** A job that failed or was cancelled. Never rejects. */
  async failed(claim: Claim, error: unknown, state: 'failed' | 'cancelled' = 'failed'): Promise<FailureReport> {
    const base = this.base(claim);
    let report = makeReport(claim.relativePath, error, Math.max(1, base.attempts, claim.attempt - 1), claim.id);
    const { code, cause, hint } = report;
    const record: JobRecord = { ...base, state, fault: { code, cause, hint } };
    await this.#file(claim, async () => {
      report = { ...report, movedTo: await this.#bury(claim, record, report) };
    });
    return report;
  }

  /** Ends what a crash interrupted: the ledger says that the job is over, but the original is still claimed. */
  async finish(claim: Claim, record: JobRecord): Promise<void> {
    await this.#file(claim, async () => {
      if (record.state === 'failed' || record.state === 'cancelled') await this.#bury(claim, record, reportOf(record));
      else await this.#dispose(claim, record);
    });
  }

  /** Tries again what failed before. */
  async retry(): Promise<void> {
    const again = this.#again;
    this.#again = [];
    for (const attempt of again) await attempt();
  }

  async #writeSidecars(record: JobRecord, still?: StillView): Promise<void> {
    const recipe = await this.#options.recipe();
    for (const clip of record.outputs ?? []) {
      if (!(await exists(clip))) continue;
      const sidecar = doneSidecar(record, recipe, still);
      await writeSidecar(clip, { ...sidecar, owner: (await readSidecar(clip))?.owner ?? sidecar.owner });
    }
  }

  /** How a record's original finds its name: the ledger knows it before anything is there. */
  #reservation(claim: Claim, record: JobRecord, folder: string): Reservation {
    const { ledger } = this.#options;
    const known = ledger.get(claim.id);
    const intended = known?.state === record.state && known.filed !== undefined ? known.filed : undefined;
    return {
      folder,
      relativePath: claim.relativePath,
      intended: intended === undefined ? undefined : join(folder, intended),
      intend: (path) => ledger.commit({ ...record, filed: relative(folder, path) }),
    };
  }

  async #dispose(claim: Claim, record: JobRecord): Promise<void> {
    const { folders, ledger, doneAction, listeners } = this.#options;
    const reservation = this.#reservation(claim, record, folders.done);
    const remark = await disposeDone(claim, record, doneAction, { folders, ledger, reservation });
    if (record.state === 'done') this.doneCount++;
    else this.skippedCount++;
    if (remark) listeners.problem(remark);
  }

  async #bury(claim: Claim, record: JobRecord, report: FailureReport): Promise<string | undefined> {
    const { folders, ledger, listeners } = this.#options;
    const movedTo = await disposeFailed(claim, report, this.#reservation(claim, record, folders.failed));
    if (!movedTo) await ledger.commit(record);
    this.failedCount++;
    listeners.failed({ ...report, movedTo });
    return movedTo;
  }

  #file(claim: Claim, move: () => Promise<void>): Promise<void> {
    const { claims, ledger, listeners, changed, refused } = this.#options;
    const attempt = async () => {
      try {
        await move();
        await claims.drop(claim);
        this.unfiled.delete(claim);
        const record = ledger.get(claim.id);
        if (record) listeners.over(record);
      } catch (error) {
        const refusal = ioError('file away', claim.sourcePath, error);
        listeners.problem(refusal);
        this.#again.push(attempt);
        refused(refusal);
      }
      changed();
    };
    this.unfiled.add(claim);
    return attempt();
  }
}
