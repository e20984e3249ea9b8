/**
 * A process that does nothing but measure the delay of its own event loop: what the machine's scheduler causes, whoever
 * else works on it. Started by {@link idleProcess}; answers each message with the window that ends then.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { LoopWindows, type WindowDelay } from './event-loop-windows.ts';

export interface IdleProcess {
  take(): Promise<WindowDelay>;
  stop(): void;
}

export function idleProcess(): IdleProcess {
  const child = fork(import.meta.filename);
  return {
    async take() {
      const answer = once(child, 'message');
      child.send('take');
      return ((await answer) as [WindowDelay])[0];
    },
    stop: () => child.disconnect(),
  };
}

if (process.send && process.argv[1] === import.meta.filename) {
  const windows = new LoopWindows();
  process.on('message', () => process.send!(windows.take()));
}
