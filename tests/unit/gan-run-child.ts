/** Child process of gan-run.test.ts: trains a plan; the parent controls the run by messages and hears of every step. */
import { openRun } from '../../lib/training/gan/open-run.ts';
import type { TrainingAction } from '../../lib/training/gan/training-run.ts';

const { plan, settings } = JSON.parse(process.argv[2]!) as {
  plan: Parameters<typeof openRun>[0];
  settings: Parameters<typeof openRun>[1];
};

const { run, close } = await openRun(plan, settings, 'tensorflow', {
  onStep: (report) => void process.send?.(report),
});
process.on('message', (action: TrainingAction) => run.control(action));
await run.run().catch(() => process.send?.(run.report));
await close();
process.disconnect?.();
