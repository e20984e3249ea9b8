/** Clips' motion without rendering: what a network that has learned its label perfectly makes of settings, and the flow it gives. */
import { composeMotions } from '../../lib/motion/compose.ts';
import { noiseOf } from '../../lib/motion/controls.ts';
import { easeRows } from '../../lib/motion/easing.ts';
import { type FrameMotion, frameScalars, type Geometry } from '../../lib/motion/frame-scalars.ts';
import type { CanvasPoint, Size } from '../../lib/motion/geometry.ts';
import { phaseFeatures } from '../../lib/motion/phases.ts';
import { steeringOf } from '../../lib/motion/steering.ts';
import { trajectory } from '../../lib/motion/trajectory.ts';
import { CAMERA_OUTPUTS } from '../../lib/network/blocks/motion-tcn.ts';
import { SCALARS, type Scalar } from '../../lib/network/blocks/render-frames.ts';
import { type ClipSettings, clipSchema } from '../../lib/settings/settings.ts';

export const BASES = 4;
const OUTPUTS = CAMERA_OUTPUTS + BASES;
const NOISE = 16;

export type Given = Partial<Record<keyof ClipSettings, unknown>>;

/** The motion of a clip's frames. */
export function motionsOf(given: Given, geometry: Geometry, focal: CanvasPoint): FrameMotion[] {
  const settings = clipSchema.parse(given);
  const { frames, fps, loop, easing, seed } = settings;
  const steering = steeringOf(settings);
  const z = noiseOf(steering.controls, frames, NOISE, seed);
  const rows = trajectory(z, NOISE, phaseFeatures(0, frames, frames, fps, loop === 'seamless'), BASES);
  const uneased = Array.from({ length: frames }, (_, t) => rows.subarray(t * OUTPUTS, (t + 1) * OUTPUTS));
  const eased = steering.eased && loop !== 'seamless' ? easeRows(uneased, easing) : uneased;
  return composeMotions(eased, settings, steering, focal, geometry);
}

/**
 * Where points of a frame look, drawn pixels from the drawing's middle: as render-frames.ts samples, without its enlargement.
 * @param fields [padded.height/4,padded.width/4,1+2K] @returns x and y of each point
 */
export function lookAt(
  fields: Float32Array,
  motion: FrameMotion,
  geometry: Geometry,
  points: readonly (readonly [number, number])[],
): [number, number][] {
  const { padded, drawn } = geometry;
  const look = { lineWeight: 1, screenPeriod: 0, screenAngle: 45 };
  const { scalars, weights } = frameScalars([motion], geometry, look);
  const s = (name: Scalar) => scalars[SCALARS.indexOf(name)]!;
  const [width, height] = [padded.width / 4, padded.height / 4];
  const channels = fields.length / (width * height);
  return points.map(([px, py]) => {
    const qx = s('xx') * px + s('xy') * py + s('x0');
    const qy = s('yx') * px + s('yy') * py + s('y0');
    const x = Math.min(Math.max(((qx + 1) * (width - 1)) / 2, 0), width - 1.001);
    const y = Math.min(Math.max(((qy + 1) * (height - 1)) / 2, 0), height - 1.001);
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const sample = (c: number) => {
      const at = (dx: number, dy: number) => fields[((y0 + dy) * width + x0 + dx) * channels + c]!;
      const top = at(0, 0) + (x - x0) * (at(1, 0) - at(0, 0));
      return top + (y - y0) * (at(0, 1) + (x - x0) * (at(1, 1) - at(0, 1)) - top);
    };
    const disparity = sample(0);
    let u = disparity * (s('parallaxX') + s('dolly') * qx);
    let v = disparity * (s('parallaxY') + s('dolly') * qy);
    for (let k = 0; 2 * k < channels - 1; k++) {
      u += weights[2 * k]! * sample(1 + 2 * k);
      v += weights[2 * k + 1]! * sample(2 + 2 * k);
    }
    return [
      ((qx + u + 1) * (padded.width - 1)) / 2 - (drawn.width - 1) / 2,
      ((qy + v + 1) * (padded.height - 1)) / 2 - (drawn.height - 1) / 2,
    ];
  });
}

/** Points of a frame, `count` along its long side, in output pixels from its middle; not its outermost edge. */
export function framePoints({ width, height }: Size, count = 12): [number, number][] {
  const step = Math.max(width, height) / count;
  const [columns, rows] = [Math.round(width / step), Math.round(height / step)];
  return Array.from({ length: rows * columns }, (_, i) => [
    ((i % columns) + 0.5 - columns / 2) * step,
    (Math.floor(i / columns) + 0.5 - rows / 2) * step,
  ]);
}
