import type { ClipSettings } from '../settings/settings.ts';
import { type FrameMotion, frameMotion, type Geometry } from './frame-scalars.ts';
import type { CanvasPoint } from './geometry.ts';
import { joltOf } from './impact.ts';
import type { Steering } from './steering.ts';
import { MOTION_RANGE } from './trajectory.ts';

/** A pan never goes farther than this share of the frame's long side to either side, however long the canvas is. */
const LONGEST_WAY = 0.4;

/** Way a pan can go to either side of the middle, in output pixels, along the direction that its controls say. */
function panWay({ controls, closeness, travel }: Steering, { frame, canvas }: Geometry): number {
  const [x, y] = [Math.abs(controls.panX), Math.abs(controls.panY)];
  const size = Math.hypot(x, y);
  const room = (canvasSide: number, frameSide: number) => (canvasSide - frameSide / Math.exp(closeness)) / 2;
  return Math.min(
    x > 1e-3 * size ? (travel * room(canvas.width, frame.width) * size) / x : Infinity,
    y > 1e-3 * size ? (travel * room(canvas.height, frame.height) * size) / y : Infinity,
    LONGEST_WAY * Math.max(frame.width, frame.height),
  );
}

/**
 * From what the network says to the motion of one frame: as the named motion asks, aimed at the focal point, with the
 * impact's jolt, and kept on the canvas.
 * @param row the network's output of one step [7+K], in units of MOTION_RANGE
 * @param t the frame that shows it
 */
export function composeMotion(
  row: Float32Array,
  t: number,
  settings: ClipSettings,
  steering: Steering,
  focal: CanvasPoint,
  geometry: Geometry,
): FrameMotion {
  const r = MOTION_RANGE;
  const { canvas, frame } = geometry;
  const motion = row.slice();
  const jolt = joltOf(t, settings);

  motion[0] = motion[0]! + (steering.closeness + jolt.logZoom) / r.logZoom;
  motion[1] = motion[1]! * steering.turn + jolt.rotation / r.rotation;
  if (steering.travel > 0) {
    const way = panWay(steering, geometry);
    motion[2] = (motion[2]! * way) / (canvas.width * r.pan);
    motion[3] = (motion[3]! * way) / (canvas.height * r.pan);
  }
  const long = Math.max(frame.width, frame.height);
  motion[2] = motion[2]! * steering.swing + (jolt.x * long) / (canvas.width * r.pan);
  motion[3] = motion[3]! * steering.swing + (jolt.y * long) / (canvas.height * r.pan);

  const [depthX, depthY] = [motion[4]!, motion[5]!];
  // Angles are counted upwards, pixels downwards.
  const [cos, sin] = [Math.cos(steering.depthAngle), -Math.sin(steering.depthAngle)];
  motion[4] = steering.depth * (cos * depthX - sin * depthY);
  motion[5] = steering.depth * (sin * depthX + cos * depthY);

  // The network's own dolly knows no way out, and grows what is far (trajectory.ts): a camera that moves in grows what is near.
  const logZoom = r.logZoom * row[0]!;
  motion[6] = (-steering.perspective * logZoom) / r.dolly;

  // A zoom about the focal point rather than the middle of the frame; with an aim over 1 the point comes nearer to the middle.
  const shift = steering.aim * (1 - Math.exp(-Math.max(logZoom, 0)));
  motion[2] = motion[2]! + (shift * focal.x) / r.pan;
  motion[3] = motion[3]! + (shift * focal.y) / r.pan;
  return { ...frameMotion(motion, geometry), staging: { focal, heading: steering.heading, flash: jolt.flash } };
}
