/** Delay of the host's event loop, as Node-RED's would be, while ten photos are stylized in the session's process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, summarise } from '../bench.ts';
import { type LoopDelay, loopDelay, RESOLUTION_MS } from '../loop-delay.ts';
import { Stylizer } from '../stylizer.ts';
import { benchModel, PHOTOS } from '../subjects.ts';

const COUNT = 10;
/** Photos in work at a time, as the hot folder has it. */
const AT_ONCE = 2;
const IDLE_MS = 2000;

export const eventLoop: Bench = async ({ quick, scratch, tell }) => {
  const { folder, name: model } = await benchModel(scratch);
  const idle: LoopDelay[] = [];
  const working: LoopDelay[] = [];
  for (let run = 0; run < (quick ? 1 : 5); run++) {
    idle.push(await loopDelay(() => sleep(IDLE_MS)));
    // A new session each time: its start is part of what a user sees.
    const stylizer = new Stylizer(folder, scratch);
    const photos = Array.from({ length: COUNT }, (_, i) => PHOTOS[i % PHOTOS.length]!);
    const lane = async () => {
      for (let photo = photos.shift(); photo; photo = photos.shift())
        await stylizer.stylize(photo, '512x512', quick ? 8 : 24, 'built-in');
    };
    working.push(await loopDelay(() => Promise.all(Array.from({ length: AT_ONCE }, lane))));
    await stylizer.close();
    tell(`working ${JSON.stringify(working.at(-1))}, idle ${JSON.stringify(idle.at(-1))}`);
  }
  const p99 = (runs: readonly LoopDelay[]) => summarise(runs.map((run) => run.p99));
  return [
    {
      name: 'event-loop p99',
      unit: 'ms',
      target: '50',
      ...p99(working),
      baseline: { name: 'doing nothing', ...p99(idle) },
      details: { photos: COUNT, atOnce: AT_ONCE, resolutionMs: RESOLUTION_MS, runs: working, idle, model },
    },
  ];
};
