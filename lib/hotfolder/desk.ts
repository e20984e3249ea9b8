/** Sets an open hot folder up: the ledger is read, what an earlier run left is taken up, the parts know each other. */
import { join } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { FileLedger } from '../ledger/ledger.ts';
import type { Recipe } from '../ledger/types.ts';
import { Actions } from './actions.ts';
import { ClaimStore } from './claims.ts';
import type { Clock } from './clock.ts';
import { DiskGuard } from './disk-guard.ts';
import { Dispatcher } from './dispatcher.ts';
import { Filing } from './filing.ts';
import { Flights } from './flights.ts';
import type { Folders } from './folders.ts';
import { Intake, type IntakeEvents } from './intake.ts';
import { ioError, isDiskFull, show } from './io-error.ts';
import type { Listeners } from './listeners.ts';
import type { ParsedOptions } from './options.ts';
import { recordsIn } from './rebuild.ts';
import type { Rooms } from './rooms.ts';
import { Thumbs } from './thumbs.ts';
import type { Probe } from './types.ts';

export interface DeskOptions {
  /** Prepared. */
  readonly folders: Folders;
  readonly settings: ParsedOptions;
  readonly probe: Probe;
  readonly clock: Clock;
  readonly listeners: Listeners;
  recipe(): Promise<Recipe>;
  changed(): void;
  track<R>(work: Promise<R>): Promise<R>;
}

export interface Desk {
  readonly rooms: Rooms;
  readonly dispatcher: Dispatcher;
  readonly actions: Actions;
}

function openLedger(folders: Folders, listeners: Listeners): Promise<FileLedger> {
  return FileLedger.open({
    path: join(folders.hidden, 'ledger.jsonl'),
    rebuild: () => recordsIn(folders),
    corrupt: (aside, lines, rebuilt) => {
      const what = `The ledger of ${show(folders.inbox)} was damaged in ${lines} places`;
      const message = `${what}; ${rebuilt} jobs were read back from the folders.`;
      listeners.problem(new MangaError('IO', message, `The damaged one is ${show(aside)}.`));
    },
  });
}

/**
 * Nothing is handed out before `dispatcher.begin()`.
 * @throws MangaError IO; file system errors
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { folders, settings, clock, listeners, recipe, changed, track } = options;
  const claims = new ClaimStore(folders);
  const ledger = await openLedger(folders, listeners);
  const found = await claims.recover((path, error) => listeners.problem(ioError('take up', path, error)));
  const thumbs = new Thumbs(folders);
  await thumbs.load();
  const disk = new DiskGuard({
    clock,
    folders: () => [folders.hidden, folders.done, folders.failed, ...folders.outDirs],
    full: changed,
    room() {
      changed();
      void track(filing.retry().then(() => dispatcher.retry()));
    },
  });
  const refused = (error: MangaError) => void (isDiskFull(error) && disk.report());
  const { doneAction, maxQueue } = settings;
  const filing = new Filing({ folders, claims, ledger, doneAction, listeners, recipe, changed, refused });
  const events: IntakeEvents = {
    settled: (candidates) => dispatcher.enqueue(candidates),
    stirred: (path) => void (dispatcher.queue.remove(path) && changed()),
    isWaiting: (path) => dispatcher.queue.has(path),
    hasRoom: () => dispatcher.queue.size + intake.settling < maxQueue,
    mayBeLeft: (name) => ledger.findLeft(name) !== undefined,
    isLeft(name, { size, mtimeMs, ino }) {
      const left = ledger.findLeft(name)?.left;
      return left !== undefined && left[1] === size && left[2] === mtimeMs && left[3] === ino;
    },
    problem: (error) => listeners.problem(error),
    changed,
  };
  const intake: Intake = new Intake({ folders, settings, clock }, events);
  const flights = new Flights(clock);
  const rooms: Rooms = { ...options, ledger, claims, intake, filing, flights, thumbs, disk };
  const dispatcher = new Dispatcher(rooms);
  const actions = new Actions(rooms, dispatcher);
  const resumed = await actions.resume(found);
  dispatcher.enqueue([...found, ...resumed]);
  return { rooms, dispatcher, actions };
}
