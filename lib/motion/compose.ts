import { CAMERA_OUTPUTS } from '../network/blocks/motion-tcn.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { type FrameMotion, frameMotion, type Geometry } from './frame-scalars.ts';
import type { CanvasPoint } from './geometry.ts';
import { joltOf } from './impact.ts';
import { DEPTH_REACH } from './steady-fields.ts';
import type { Steering } from './steering.ts';
import { MOTION_RANGE } from './trajectory.ts';

/** A pan never goes farther than this share of the frame's long side to either side, however long the canvas is. */
const LONGEST_WAY = 0.4;

/** A clip zooms farther than the network was taught to. */
const ZOOM = 1.3;
/** No parallax takes more than this share of the canvas' sides from the camera. */
const LARGEST_REACH = 0.12;

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

/** What the network says of one step, changed as the named motion asks, with the impact's jolt; in units of MOTION_RANGE. */
function composeRow(
  row: Float32Array,
  t: number,
  settings: ClipSettings,
  steering: Steering,
  focal: CanvasPoint,
  geometry: Geometry,
): { motion: Float32Array; flash: boolean } {
  const r = MOTION_RANGE;
  const { canvas, frame } = geometry;
  const motion = row.slice();
  const jolt = joltOf(t, settings);

  motion[0] = ZOOM * motion[0]! + (steering.closeness + jolt.logZoom) / r.logZoom;
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
  for (let k = CAMERA_OUTPUTS; k < motion.length; k++) motion[k] = motion[k]! * steering.life;

  // The network's own dolly knows no way out, and grows what is far (trajectory.ts): a camera that moves in grows what is near.
  const logZoom = r.logZoom * row[0]!;
  motion[6] = (-steering.perspective * logZoom) / r.dolly;

  // A zoom about the focal point rather than the middle of the frame; with an aim over 1 the point comes nearer to the middle.
  const shift = steering.aim * (1 - Math.exp(-Math.max(ZOOM * logZoom, 0)));
  motion[2] = motion[2]! + (shift * focal.x) / r.pan;
  motion[3] = motion[3]! + (shift * focal.y) / r.pan;
  return { motion, flash: jolt.flash };
}

/**
 * From what the network says to the motion of a clip's frames: as the named motion asks, aimed at the focal point, with the
 * impact's jolt, and so that nothing outside the canvas is seen, wherever depth moves it.
 * @param rows the network's output [7+K] for each frame, in units of MOTION_RANGE
 */
export function composeMotions(
  rows: readonly Float32Array[],
  settings: ClipSettings,
  steering: Steering,
  focal: CanvasPoint,
  geometry: Geometry,
): FrameMotion[] {
  const r = MOTION_RANGE;
  const { canvas, frame } = geometry;
  const composed = rows.map((row, t) => composeRow(row, t, settings, steering, focal, geometry));

  // Parallax looks past the camera's view by so much: the camera keeps to a canvas that is smaller all round.
  const long = Math.max(canvas.width, canvas.height);
  const reach = (output: number) =>
    DEPTH_REACH * r.parallax * long * Math.max(...composed.map(({ motion }) => Math.abs(motion[output]!)));
  const inner = {
    width: canvas.width - 2 * Math.min(reach(4), LARGEST_REACH * canvas.width),
    height: canvas.height - 2 * Math.min(reach(5), LARGEST_REACH * canvas.height),
  };
  const closer = Math.log(Math.max(frame.width / inner.width, frame.height / inner.height, 1)) / r.logZoom;
  const [shareX, shareY] = [inner.width / canvas.width, inner.height / canvas.height];
  return composed.map(({ motion, flash }) => {
    motion[0] = Math.max(motion[0]!, 0) + closer;
    motion[2] = motion[2]! / shareX;
    motion[3] = motion[3]! / shareY;
    const { panX, panY, ...rest } = frameMotion(motion, { ...geometry, canvas: inner });
    const staging = { focal, heading: steering.heading, flash };
    return { ...rest, panX: panX * shareX, panY: panY * shareY, staging };
  });
}
