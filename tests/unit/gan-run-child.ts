/** Child process of the tests of runs: trains a plan; the parent controls the run by messages and hears of every step. */
import { toMangaError } from '../../lib/errors/manga-error.ts';
import { openRun } from '../../lib/training/gan/open-run.ts';
import type { TrainingAction } from '../../lib/training/gan/training-run.ts';

const { plan, settings } = JSON.parse(process.argv[2]!) as {
  plan: Parameters<typeof openRun>[0];
  settings: Parameters<typeof openRun>[1];
};

try {
  const { run, close } = await openRun(plan, settings, 'tensorflow', {
    onStep: (report) => void process.send?.(report),
  });
  process.on('message', (action: TrainingAction) => run.control(action));
  await run.run().catch(() => process.send?.(run.report));
  await close();
} catch (error) {
  process.send?.({ state: 'failed', problem: toMangaError(error).message });
}
process.disconnect?.();
