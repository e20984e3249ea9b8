import type { TrainingReport } from '../../lib/plan/types.ts';
import type { NodeStatus, Red } from '../red.ts';
import { countText, statusText } from '../status-words.ts';

/** Phase, step, speed, time left and how much of the data was skipped; at the end how long it took. */
export function reportStatus(RED: Red, report: TrainingReport, tookSeconds: number): NodeStatus {
  const { state, step, steps, phase, stepsPerSecond, etaSeconds } = report;
  const at = phase && phase !== 'plain' ? `${phase} ${step}/${steps}` : `${step}/${steps}`;
  switch (state) {
    case 'starting':
      return { fill: 'blue', shape: 'ring', text: RED._('status.starting') };
    case 'running': {
      const count = countText(RED, 'step', step, steps);
      const text = phase && phase !== 'plain' ? `${phase} · ${count}` : count;
      const told = statusText(RED, { text, stepsPerSecond, secondsLeft: etaSeconds });
      const { skipped, rollbacks } = report;
      const lost = skipped ? ` · ${RED._('status.skipped', { n: skipped.count })}` : '';
      return { fill: rollbacks > 0 ? 'yellow' : 'blue', shape: 'dot', text: told + lost };
    }
    case 'paused':
      return { fill: 'yellow', shape: 'ring', text: RED._('status.paused', { at }) };
    case 'stopping':
      return { fill: 'yellow', shape: 'ring', text: RED._('status.stopping', { at }) };
    case 'finished':
      return {
        fill: 'green',
        shape: 'dot',
        text: statusText(RED, { text: RED._('status.finished', { at }), tookSeconds }),
      };
    case 'failed':
      return { fill: 'red', shape: 'ring', text: RED._('status.failed', { at }) };
  }
}
