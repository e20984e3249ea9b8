import { CAMERA_OUTPUTS, PHASE_FEATURES } from '../network/blocks/motion-tcn.ts';
import { CONTROLS, type Control, FREE_AT, JITTER_AT } from './controls.ts';

/**
 * Full scale of each motion output: log zoom, rotation (rad), pan x and y (of the canvas), parallax x and y (of the canvas' long
 * side, for the nearest point), parallax z (relative enlargement of the nearest point), flow-basis weights (of the long side).
 */
export const MOTION_RANGE = {
  logZoom: 0.24,
  rotation: 0.06,
  pan: 0.06,
  parallax: 0.035,
  dolly: 0.08,
  flow: 0.035,
} as const;

/** MOTION_RANGE per output, in the TCN's order. */
export function motionRanges(flowBases: number): number[] {
  const r = MOTION_RANGE;
  return [r.logZoom, r.rotation, r.pan, r.pan, r.parallax, r.parallax, r.dolly, ...Array(flowBases).fill(r.flow)];
}

/** Weight of the last jitter in the next: shaken cameras have mass. */
const INERTIA = 0.45;

/**
 * The motion that z asks for: what the TCN is taught. Camera moves are exact, so this is a label and not a guess.
 * @param z [steps, noise] @param phase [steps, 9] @param flowBases bases in the order of render/depth.ts: sway, second sway, breath, ripple
 * @returns [steps, 7 + flowBases] in units of MOTION_RANGE
 */
export function trajectory(z: Float32Array, noise: number, phase: Float32Array, flowBases: number): Float32Array {
  const steps = z.length / noise;
  const outputs = CAMERA_OUTPUTS + flowBases;
  const motion = new Float32Array(steps * outputs);
  const jitter = [0, 0, 0];
  for (let step = 0; step < steps; step++) {
    const control = (name: Control) => z[step * noise + CONTROLS.indexOf(name)]!;
    const [, course, progress, sin1, cos1, sinLife, cosLife, sin2Life] = phase.subarray(
      step * PHASE_FEATURES,
      (step + 1) * PHASE_FEATURES,
    ) as unknown as number[];
    const free = (i: number) => (FREE_AT + i < noise ? Math.tanh(z[step * noise + FREE_AT + i]!) : 0);
    for (let i = 0; i < 3; i++) jitter[i] = INERTIA * jitter[i]! + (1 - INERTIA) * z[step * noise + JITTER_AT + i]!;
    const zoom = control('zoom');
    const shake = control('shake');
    const orbit = control('orbit');
    const life = [
      control('sway') * sinLife!,
      0.4 * control('sway') * sin2Life!,
      0.5 * control('breathe') * sinLife!,
      0.3 * control('sway') * cosLife!,
    ];
    motion.set(
      [
        Math.max(zoom, 0) * progress! + Math.max(-zoom, 0) * (1 - progress!),
        control('rotation') * course! + 0.2 * shake * jitter[2]! + 0.04 * free(0) * cosLife!,
        control('panX') * course! - 0.35 * orbit * sin1! + 0.35 * shake * jitter[0]!,
        control('panY') * course! + 0.35 * shake * jitter[1]! + 0.05 * free(1) * sinLife!,
        control('parallax') * course! + orbit * sin1!,
        0.5 * orbit * cos1!,
        0.5 * Math.abs(zoom) * progress!,
        ...Array.from({ length: flowBases }, (_, k) => life[k] ?? 0),
      ],
      step * outputs,
    );
  }
  return motion;
}
