/** The measuring process: one question after the other over Node's IPC channel; ends when the channel does. */
import { toWire } from '../../errors/manga-error.ts';
import { ClipMeter, type ClipQuestion } from './clip-report.ts';
import type { Answer } from './metrics-process.ts';

const meter = new ClipMeter();
let last: Promise<void> = Promise.resolve();

async function answer(id: number, question: ClipQuestion): Promise<void> {
  const reply: Answer = await meter.measure(question).then(
    (report) => ({ id, report }),
    (error: unknown) => ({ id, error: toWire(error) }),
  );
  process.send?.(reply);
}

process.on('message', ({ id, question }: { id: number; question: ClipQuestion }) => {
  last = last.then(() => answer(id, question));
});
process.on('disconnect', () => process.exit(0));
