import type { TrainingReport } from '../../lib/plan/types.ts';
import type { Node, Red } from '../red.ts';

/** What of a run's reports belongs into the log, each thing once: an earlier run moved aside, data that were skipped, troubles on the way. */
export function reportLog(RED: Red, node: Pick<Node, 'log' | 'warn'>): (report: TrainingReport) => void {
  let before: Partial<TrainingReport> = {};
  let skippedSoFar = 0;
  return (report) => {
    const { state, aside, problem, skipped } = report;
    if (aside !== undefined && aside !== before.aside) node.log(RED._('log.aside', { folder: aside }));
    const count = skipped?.count ?? 0;
    // More is found broken when its turn comes: told at the end, or the log would be full of it.
    const due = skippedSoFar === 0 || state === 'finished' || state === 'failed';
    if (skipped && count > skippedSoFar && due) {
      const first = skipped.first.map(({ where, reason }) => `- ${where}: ${reason}`);
      const more = count > first.length ? [RED._('log.more', { n: count - first.length })] : [];
      node.warn([RED._('log.skipped', { n: count }), ...first, ...more].join('\n'));
      skippedSoFar = count;
    }
    // What ended the run comes as an error.
    if (problem !== undefined && problem !== before.problem && state !== 'failed') node.warn(problem);
    before = { ...before, ...report };
  };
}
