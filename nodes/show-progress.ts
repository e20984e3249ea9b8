import type { Handle, Session } from '../lib/session/types.ts';

const EVERY_MS = 500;

/** Runs `work` and tells twice a second how many of the frames it has rendered. Nothing is told after it has ended. */
export async function showProgress<R>(
  session: Session,
  frames: Handle,
  tell: (done: number, of: number) => void,
  work: () => Promise<R>,
): Promise<R> {
  let running = true;
  const report = async (): Promise<void> => {
    const done = await session.framesWritten(frames);
    if (running) tell(done, frames.shape[0]!);
  };
  tell(0, frames.shape[0]!);
  const timer = setInterval(() => void report().catch(() => {}), EVERY_MS).unref();
  try {
    return await work();
  } finally {
    running = false;
    clearInterval(timer);
  }
}
