/**
 * 20,000 small pictures dropped at once into a hot folder whose flow is a stub that writes one small file a picture: what the
 * folder itself costs. How the event loop fares, when the first is done, whether a picture costs more the more are done.
 */
import { statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HotFolder } from '../../lib/hotfolder/hot-folder.ts';
import { pictureProbe } from '../../lib/hotfolder/probe.ts';
import { type Bench, type BenchOptions, type Result, round } from '../bench.ts';
import { dropAtOnce, manyPictures } from '../hotfolder-files.ts';
import { type LoopDelay, loopDelay, RESOLUTION_MS } from '../loop-delay.ts';

const IN_FLIGHT = 4;
const IDLE_MS = 5000;
const ALL = 20_000;
/** The cost of a picture is looked at over the last so many before each of these. */
const MARKS = [1000, 5000, 20_000];
const WINDOW = 1000;

interface Run {
  readonly loop: LoopDelay;
  readonly firstSeconds: number;
  readonly seconds: number;
  readonly ledgerMb: number;
  /** Milliseconds of wall time, and of this process's processor time, a picture, before each mark. */
  readonly atMarks: Readonly<Record<string, { readonly wall: number; readonly processor: number }>>;
}

async function run(count: number, { scratch, tell }: BenchOptions): Promise<Run> {
  const home = path.join(scratch, `hotfolder-${count}`);
  const [inbox, outbox, staging] = ['inbox', 'outbox', 'staging'].map((name) => path.join(home, name));
  await mkdir(outbox!, { recursive: true });
  await manyPictures(staging!, count);
  const marks: { readonly over: number; readonly at: number; readonly processor: number }[] = [];
  let over = 0;
  let first = 0;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const processor = (): number => (({ user, system }) => (user + system) / 1000)(process.cpuUsage());
  const note = (): void => void marks.push({ over, at: performance.now(), processor: processor() });
  const folder = new HotFolder(
    { inbox: inbox!, outDirs: [outbox!], maxInFlight: IN_FLIGHT, probe: pictureProbe() },
    {
      job({ id, name }) {
        const clip = path.join(outbox!, `${name}.webp`);
        writeFile(clip, name)
          .then(() => folder.complete(id, [clip]))
          .catch((error: unknown) => tell(String(error)));
      },
      state({ done, failed, skipped }) {
        const now = done + failed + skipped;
        if (now === over) return;
        over = now;
        if (!first) first = performance.now();
        if (over % WINDOW === 0) note();
        if (over === count) finish();
      },
      problem: (error) => tell(error.message),
    },
  );
  await folder.start();
  let dropped = 0;
  const loop = await loopDelay(async () => {
    dropped = performance.now();
    await dropAtOnce(staging!, inbox!);
    note();
    await finished;
  });
  const seconds = round((performance.now() - dropped) / 1000, 1);
  const { failed, skipped } = folder.counts();
  await folder.close();
  if (failed + skipped > 0) throw new Error(`${failed} failed, ${skipped} were skipped`);
  const atMarks = Object.fromEntries(
    MARKS.filter((mark) => mark <= count).map((mark) => {
      const end = marks.find((each) => each.over === mark)!;
      const begin = marks.find((each) => each.over === mark - WINDOW)!;
      // Of the first thousand, waiting until the folder is quiet is no cost.
      const from = mark === WINDOW ? { ...begin, at: first } : begin;
      return [
        mark,
        { wall: round((end.at - from.at) / WINDOW, 2), processor: round((end.processor - from.processor) / WINDOW, 2) },
      ];
    }),
  );
  const ledgerMb = round(statSync(path.join(inbox!, '.motion-manga', 'ledger.jsonl')).size / 1e6, 2);
  return { loop, firstSeconds: round((first - dropped) / 1000, 2), seconds, ledgerMb, atMarks };
}

export const hotfolder20k: Bench = async (options) => {
  const count = options.quick ? 2000 : ALL;
  const idle = await loopDelay(() => sleep(IDLE_MS));
  const all = await run(count, options);
  options.tell(JSON.stringify(all));
  const { loop, firstSeconds, seconds, ledgerMb, atMarks } = all;
  const one = (value: number) => ({ median: value, min: value, max: value, runs: 1 });
  const details = {
    pictures: count,
    inFlight: IN_FLIGHT,
    resolutionMs: RESOLUTION_MS,
    loop,
    seconds,
    millisecondsAPicture: atMarks,
  };
  const last = atMarks[String(count)] ?? atMarks['1000']!;
  const results: Result[] = [
    {
      name: `hot folder, ${count} at once: event-loop p99`,
      unit: 'ms',
      target: '50',
      ...one(loop.p99),
      baseline: { name: 'doing nothing', ...one(idle.p99) },
      details,
    },
    { name: `hot folder, ${count} at once: first done`, unit: 's', target: '10', ...one(firstSeconds) },
    { name: `hot folder, ${count} at once: ledger`, unit: 'MB', target: '10', ...one(ledgerMb) },
    { name: `hot folder, cost a picture after ${count}`, unit: 'ms', ...one(last.processor) },
  ];
  return results;
};
