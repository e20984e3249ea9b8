import { readFileSync } from 'node:fs';

/** Linux counts processor time of processes in hundredths of a second. */
const TICK_MS = 10;

/**
 * Processor time of another process and of its children that have ended (its ffmpeg), in ms.
 * @returns NaN where the system does not tell (not Linux)
 */
export function processorTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold blanks. After it: state, ..., utime (12th), stime, cutime, cstime.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return TICK_MS * fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    return Number.NaN;
  }
}
