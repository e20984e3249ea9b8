/** Delay of the event loop of a real Node-RED while ten photos go through stylize and clip nodes. Runs on the build. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, Skipped, summarise } from '../bench.ts';
import { type LoopDelay, loopDelay, RESOLUTION_MS } from '../loop-delay.ts';
import { benchModel, PHOTOS } from '../subjects.ts';

const COUNT = 10;
/** Photos in work at a time, as the hot folder has it. */
const AT_ONCE = 2;
const IDLE_MS = 2000;

export const eventLoopNodeRed: Bench = async ({ quick, scratch, tell }) => {
  const root = path.dirname(path.dirname(import.meta.dirname));
  if (!existsSync(path.join(root, 'dist', 'nodes')))
    throw new Skipped('Node-RED loads the build: npm run build first.');
  const { Runtime } = await import('../../tests/runtime/support/runtime.ts');
  const { around, node, session } = await import('../../tests/runtime/support/flow.ts');
  const { folder, name: model } = await benchModel(scratch);
  const runtime = await Runtime.start();
  const idle: LoopDelay[] = [];
  const working: LoopDelay[] = [];
  try {
    for (let run = 0; run < (quick ? 1 : 5); run++) {
      const clip = { size: '512x512', frames: quick ? '8' : '24' };
      const flow = around(node('stylize', 'manga-stylize', ['clip'], clip), node('clip', 'manga-clip', ['sink']));
      // A new session each time: its start is part of what a user sees.
      const chosen = session('session', { engine: 'onnx', model: folder, name: `run ${run}` });
      await runtime.deploy(flow.map((each) => (each.id === 'session' ? chosen : each)));
      idle.push(await loopDelay(() => sleep(IDLE_MS)));
      working.push(
        await loopDelay(async () => {
          const send = (i: number): void => {
            if (i < COUNT) runtime.send('stylize', { payload: PHOTOS[i % PHOTOS.length] });
          };
          for (let i = 0; i < AT_ONCE; i++) send(i);
          for (let i = 0; i < COUNT; i++) {
            await runtime.message('sink').catch(async (error) => {
              throw runtime.arrived('catch') > 0 ? new Error((await runtime.message('catch')).error?.message) : error;
            });
            send(i + AT_ONCE);
          }
        }),
      );
      tell(`working ${JSON.stringify(working.at(-1))}, idle ${JSON.stringify(idle.at(-1))}`);
    }
  } finally {
    await runtime.stop();
  }
  const p99 = (runs: readonly LoopDelay[]) => summarise(runs.map((run) => run.p99));
  return [
    {
      name: 'event-loop p99 Node-RED',
      unit: 'ms',
      target: '50',
      ...p99(working),
      baseline: { name: 'doing nothing', ...p99(idle) },
      details: { photos: COUNT, atOnce: AT_ONCE, resolutionMs: RESOLUTION_MS, runs: working, idle, model },
    },
  ];
};
