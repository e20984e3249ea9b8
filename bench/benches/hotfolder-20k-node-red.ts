/** Delay of the event loop of a real Node-RED in whose hot folder 20,000 pictures are dropped at once. Runs on the build. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, Skipped } from '../bench.ts';
import { dropAtOnce, manyPictures } from '../hotfolder-files.ts';
import { loopDelay, RESOLUTION_MS } from '../loop-delay.ts';

const ALL = 20_000;
const IN_FLIGHT = 4;
const IDLE_MS = 5000;

export const hotfolder20kNodeRed: Bench = async ({ quick }) => {
  const root = path.dirname(path.dirname(import.meta.dirname));
  if (!existsSync(path.join(root, 'dist', 'nodes')))
    throw new Skipped('Node-RED loads the build: npm run build first.');
  const { Runtime } = await import('../../tests/runtime/support/runtime.ts');
  const { around, node } = await import('../../tests/runtime/support/flow.ts');
  const count = quick ? 2000 : ALL;
  const runtime = await Runtime.start();
  try {
    const [inbox, staging] = ['inbox', 'staging'].map((name) => path.join(runtime.userDir, name));
    mkdirSync(inbox!);
    await manyPictures(staging!, count);
    // The flow: every picture comes back at once, as one that is done.
    const answer = { rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '{}', tot: 'json' }] };
    const hot = node('hot', 'manga-hot-folder', [], { inbox: 'inbox', maxInFlight: String(IN_FLIGHT) });
    // What is done leaves by the second output.
    await runtime.deploy(
      around({ ...hot, wires: [['answer'], ['sink'], []] }, node('answer', 'change', ['hot'], answer)),
    );
    const idle = await loopDelay(() => sleep(IDLE_MS));
    let first = 0;
    const began = performance.now();
    const loop = await loopDelay(async () => {
      await dropAtOnce(staging!, inbox!);
      for (let n = 0; n < count; n++) {
        await runtime.message('sink', 120_000);
        first ||= performance.now() - began;
      }
    });
    const one = (value: number) => ({ median: value, min: value, max: value, runs: 1 });
    const details = {
      pictures: count,
      inFlight: IN_FLIGHT,
      resolutionMs: RESOLUTION_MS,
      loop,
      firstSeconds: first / 1000,
    };
    return [
      {
        name: `hot folder, ${count} at once: event-loop p99 of Node-RED`,
        unit: 'ms',
        target: '50',
        ...one(loop.p99),
        baseline: { name: 'doing nothing', ...one(idle.p99) },
        details,
      },
    ];
  } finally {
    await runtime.stop();
  }
};
