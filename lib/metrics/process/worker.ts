/** The measuring process: one question after the other over Node's IPC channel; ends when the channel does. */
import { toWire } from '../../errors/manga-error.ts';
import { SessionHost } from '../../session/host.ts';
import { sessionSchema } from '../../session/options.ts';
import type { Evaluation } from '../evaluate.ts';
import { evaluateFolder } from '../evaluate-folder.ts';
import { ClipMeter, type ClipReport } from './clip-report.ts';
import type { Answer, Asked, FolderQuestion } from './metrics-process.ts';

const meter = new ClipMeter();
let last: Promise<void> = Promise.resolve();

const send = (answer: Answer): void => void process.send?.(answer);

/** In a session of its own: what the flow's one is doing meanwhile is neither slowed down nor changed. */
async function evaluate(id: number, { engine, model, ...folder }: FolderQuestion): Promise<Evaluation> {
  // An arena left alone is closed: the style page's must outlast many photos.
  const options = sessionSchema.parse({ id: 'metrics', engine, model, idleSeconds: 86_400 });
  const session = new SessionHost(options);
  try {
    return await evaluateFolder(session, folder, {
      leftOut: (line) => send({ id, leftOut: line }),
      progress: (done, of) => send({ id, done, of }),
    });
  } finally {
    await session.close();
  }
}

async function answer({ id, clip, folder }: Asked): Promise<void> {
  const asked: Promise<ClipReport | Evaluation> = clip ? meter.measure(clip) : evaluate(id, folder);
  await asked.then(
    (report) => send({ id, report }),
    (error: unknown) => send({ id, error: toWire(error) }),
  );
}

process.on('message', (asked: Asked) => {
  last = last.then(() => answer(asked));
});
process.on('disconnect', () => process.exit(0));
