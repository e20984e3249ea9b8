/** What the parts of an open hot folder share. */

import type { FileLedger } from '../ledger/ledger.ts';
import type { Recipe } from '../ledger/types.ts';
import type { ClaimStore } from './claims.ts';
import type { Clock } from './clock.ts';
import type { DiskGuard } from './disk-guard.ts';
import type { Filing } from './filing.ts';
import type { Flights } from './flights.ts';
import type { Folders } from './folders.ts';
import type { Intake } from './intake.ts';
import type { Listeners } from './listeners.ts';
import type { ParsedOptions } from './options.ts';
import type { Thumbs } from './thumbs.ts';
import type { Probe } from './types.ts';

export interface Rooms {
  readonly settings: ParsedOptions;
  readonly clock: Clock;
  readonly listeners: Listeners;
  readonly folders: Folders;
  readonly ledger: FileLedger;
  readonly claims: ClaimStore;
  readonly intake: Intake;
  readonly filing: Filing;
  readonly flights: Flights;
  readonly thumbs: Thumbs;
  readonly disk: DiskGuard;
  readonly probe: Probe;
  recipe(): Promise<Recipe>;
  /** Something that is counted has changed. */
  changed(): void;
  /** Work that closing waits for. */
  track<R>(work: Promise<R>): Promise<R>;
}
