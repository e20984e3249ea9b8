import type { TrainingReport } from '../../lib/plan/types.ts';
import type { NodeStatus, Red } from '../red.ts';

/** Step, phase and time left, in the words of the trainer's catalog. */
export function reportStatus(RED: Red, report: TrainingReport): NodeStatus {
  const { state, step, steps, phase, etaSeconds } = report;
  const at = phase && phase !== 'plain' ? `${phase} ${step}/${steps}` : `${step}/${steps}`;
  switch (state) {
    case 'starting':
      return { fill: 'blue', shape: 'ring', text: RED._('status.starting') };
    case 'running': {
      const text = etaSeconds === undefined ? at : RED._('status.running', { at, left: clock(etaSeconds) });
      return { fill: report.rollbacks > 0 ? 'yellow' : 'blue', shape: 'dot', text };
    }
    case 'paused':
      return { fill: 'yellow', shape: 'ring', text: RED._('status.paused', { at }) };
    case 'stopping':
      return { fill: 'yellow', shape: 'ring', text: RED._('status.stopping', { at }) };
    case 'finished':
      return { fill: 'green', shape: 'dot', text: RED._('status.finished', { at }) };
    case 'failed':
      return { fill: 'red', shape: 'ring', text: RED._('status.failed', { at }) };
  }
}

/** h:mm:ss, or m:ss below an hour. */
function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(s).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${tail}` : `${m}:${tail}`;
}
