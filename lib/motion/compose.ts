import { CAMERA_OUTPUTS } from '../network/blocks/motion-tcn.ts';
import { Random } from '../random.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { type FrameMotion, type Geometry, keepWithin } from './frame-scalars.ts';
import type { CanvasPoint } from './geometry.ts';
import { type Jolt, joltOf } from './impact.ts';
import { DEPTH_REACH } from './steady-fields.ts';
import type { Steering } from './steering.ts';
import { MOTION_RANGE } from './trajectory.ts';

/** A pan goes at least this share of the frame to either side, and comes closer for it where the canvas is no larger. */
const LEAST_WAY = 0.12;
/** It takes this share of what the canvas is larger, but never more than that of the frame's long side. */
const TRAVEL = 0.9;
const LONGEST_WAY = 0.4;

/** A clip zooms farther than the network was taught to. */
const ZOOM = 1.3;
/** No clip comes closer than by so much (log zoom) to have room; camera moves that then have none are shorter. */
const CLOSEST = 0.45;
/** A focal point so near to the middle, in sides of the frame, is left where it is. */
const CALM = 0.08;
/** Breath of the whole picture: log zoom, and how much more the nearest point grows than the farthest. */
const SWELL = { logZoom: 0.01, perspective: 0.05 } as const;
/** A shaken camera at its most: pan of the canvas, rotation in radians. It has mass: so much of a tremor is in the next. */
const TREMBLE = { pan: 0.05, rotation: 0.03, inertia: 0.6 } as const;
/** Of the flow bases (render/depth.ts). */
const BREATH = 2;

const AXES = [0, 1] as const;

/** One step in natural units, before the camera is kept on the canvas. Pairs are x and y. */
interface Step {
  readonly logZoom: number;
  readonly rotation: number;
  /** Camera moves that the clip is made of, fractions of the canvas: there has to be room for them. */
  readonly swing: readonly [number, number];
  /** How far it goes towards the focal point, 0..aim, of the way from where it rests: as far as there is room. */
  readonly approach: number;
  readonly parallax: readonly [number, number];
  /** About the focal point. */
  readonly dolly: number;
  readonly weights: readonly number[];
  /** An impact makes its own room, as far as it can: what comes before it is as without it. */
  readonly jolt: Jolt;
}

/** Way of a pan to either side of the middle, in output pixels, along the direction that its controls say. */
function panWay({ controls }: Steering, { frame, canvas }: Geometry): number {
  const [x, y] = [Math.abs(controls.panX), Math.abs(controls.panY)];
  const size = Math.hypot(x, y);
  const along = (across: number, down: number) =>
    Math.min(x > 1e-3 * size ? (across * size) / x : Infinity, y > 1e-3 * size ? (down * size) / y : Infinity);
  const room = TRAVEL * along((canvas.width - frame.width) / 2, (canvas.height - frame.height) / 2);
  const least = LEAST_WAY * along(frame.width, frame.height);
  return Math.min(Math.max(room, least), LONGEST_WAY * Math.max(frame.width, frame.height));
}

/**
 * Tremor of a frame: x, y and turn, -1..1, from the seed. The network knows the control and hardly follows it. It goes round with
 * the clip, so that a loop closes.
 */
function tremor(t: number, { frames, seed }: ClipSettings): readonly [number, number, number] {
  const thrown = (frame: number) => {
    const random = new Random(seed ^ Math.imul(((frame + frames) % frames) + 1, 0x9e3779b1));
    return [random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1)] as const;
  };
  const [now, before] = [thrown(t), thrown(t - 1)];
  const mix = (k: 0 | 1 | 2) => (now[k] + TREMBLE.inertia * before[k]) / (1 + TREMBLE.inertia);
  return [mix(0), mix(1), mix(2)];
}

/** What the network says of one step (in units of MOTION_RANGE), changed as the named motion asks, with the impact's jolt. */
function composeStep(
  row: Float32Array,
  t: number,
  settings: ClipSettings,
  steering: Steering,
  geometry: Geometry,
): Step {
  const r = MOTION_RANGE;
  const { canvas } = geometry;
  const [zoom, rotation, panX, panY, depthX, depthY] = row as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];

  const lens = ZOOM * steering.lens * r.logZoom * zoom;
  const breath = (steering.swell * (row[CAMERA_OUTPUTS + BREATH] ?? 0)) / 0.5;
  const way = steering.pans ? panWay(steering, geometry) : null;
  const [trembleX, trembleY, trembleTurn] = tremor(t, settings).map((v) => v * steering.controls.shake) as [
    number,
    number,
    number,
  ];
  const swing = (pan: number, side: number, tremble: number) =>
    steering.swing * (way === null ? r.pan * pan : (pan * way) / side) + TREMBLE.pan * tremble;

  // The network's own dolly knows no way out, and grows what is far (trajectory.ts): a camera that moves in grows what is near.
  const dolly = -steering.perspective * r.logZoom * zoom - SWELL.perspective * breath;
  // Angles are counted upwards, pixels downwards.
  const [cos, sin] = [Math.cos(steering.depthAngle), -Math.sin(steering.depthAngle)];
  return {
    logZoom: Math.max(lens + SWELL.logZoom * breath, 0),
    rotation: steering.turn * r.rotation * rotation + TREMBLE.rotation * trembleTurn,
    swing: [swing(panX, canvas.width, trembleX), swing(panY, canvas.height, trembleY)],
    approach: steering.aim * (1 - Math.exp(-Math.max(lens, 0))),
    parallax: [
      steering.depth * r.parallax * (cos * depthX - sin * depthY),
      steering.depth * r.parallax * (sin * depthX + cos * depthY),
    ],
    dolly,
    weights: Array.from(row.subarray(CAMERA_OUTPUTS), (weight) => steering.life * r.flow * weight),
    jolt: joltOf(t, settings),
  };
}

/** What a step takes of the canvas along one axis, all as shares of its side. */
interface Extent {
  /** The frame at zoom 1, turned. */
  readonly taken: number;
  /** What is left between the ends that depth looks at: a dolly looks farther, parallax past the camera's view on either side. */
  readonly seen: number;
  /** Where the frame has as much room to either side: depth grows about the focal point. */
  readonly middle: number;
}

function extentsOf(
  { parallax, dolly }: Step,
  rotation: number,
  focal: CanvasPoint,
  { frame, canvas }: Geometry,
): readonly [Extent, Extent] {
  const cos = Math.abs(Math.cos(rotation));
  const sin = Math.abs(Math.sin(rotation));
  const grown = (DEPTH_REACH * Math.abs(dolly)) / (1 - Math.abs(dolly) / 2);
  const long = Math.max(canvas.width, canvas.height);
  const extent = (taken: number, shift: number, side: number, aim: number): Extent => ({
    taken: taken / side,
    seen: Math.max((1 - (2 * DEPTH_REACH * Math.abs(shift) * long) / side) / (1 + grown), 0.05),
    middle: (DEPTH_REACH * Math.abs(dolly) * aim) / (1 + grown),
  });
  return [
    extent(cos * frame.width + sin * frame.height, parallax[0], canvas.width, focal.x),
    extent(cos * frame.height + sin * frame.width, parallax[1], canvas.height, focal.y),
  ];
}

/**
 * From what the network says to the motion of a clip's frames: as the named motion asks, aimed at the focal point, with the
 * impact's jolt, and so that nothing outside the canvas is seen, wherever depth moves it. The whole clip comes closer by what
 * its widest move needs, and rests as near to the focal point as that leaves it room.
 * @param rows the network's output [7+K] for each frame, in units of MOTION_RANGE
 */
export function composeMotions(
  rows: readonly Float32Array[],
  settings: ClipSettings,
  steering: Steering,
  focal: CanvasPoint,
  geometry: Geometry,
): FrameMotion[] {
  const { frame, canvas } = geometry;
  const steps = rows.map((row, t) => composeStep(row, t, settings, steering, geometry));
  const extents = steps.map((step) => extentsOf(step, step.rotation, focal, geometry));
  /** Log zoom at which a frame with these swings just fits. */
  const fits = (frameExtents: readonly Extent[], swings: readonly number[]) =>
    Math.max(
      ...frameExtents.map(({ taken, seen }, axis) =>
        Math.log(taken / Math.max(seen - 2 * Math.abs(swings[axis]!), 0.05)),
      ),
    );
  const needed = Math.max(0, ...steps.map(({ logZoom, swing }, t) => fits(extents[t]!, swing) - logZoom));
  const closer = Math.min(needed, CLOSEST);
  const roomOf = ({ taken, seen }: Extent, zoom: number) => Math.max((seen - taken / zoom) / 2, 0);
  const calmRoom = (t: number, axis: 0 | 1) => roomOf(extents[t]![axis], Math.exp(steps[t]!.logZoom + closer));
  const shorter =
    needed <= CLOSEST
      ? 1
      : Math.min(
          1,
          ...steps.flatMap(({ swing }, t) =>
            AXES.map((axis) => calmRoom(t, axis) / Math.max(Math.abs(swing[axis]), 1e-6)),
          ),
        );

  const widest = Math.exp(closer + Math.min(...steps.map(({ logZoom }) => logZoom)));
  const wanted = ([frame.width / canvas.width, frame.height / canvas.height] as const).map((share, axis) => {
    const aim = axis === 0 ? focal.x : focal.y;
    return Math.sign(aim) * Math.max(Math.abs(aim) - (CALM * share) / widest, 0);
  });
  const rests = AXES.map((axis) => {
    const rooms = steps.map(({ swing }, t) => {
      return [extents[t]![axis].middle, calmRoom(t, axis) - shorter * Math.abs(swing[axis])] as const;
    });
    const least = Math.max(...rooms.map(([middle, room]) => middle - room));
    const most = Math.min(...rooms.map(([middle, room]) => middle + room));
    return least < most ? Math.min(Math.max(wanted[axis]!, least), most) : (least + most) / 2;
  });
  const long = Math.max(canvas.width, canvas.height);
  return steps.map((step) => {
    const { jolt } = step;
    const thrownExtents = extentsOf(step, step.rotation + jolt.rotation, focal, geometry);
    const zoom = Math.exp(Math.max(step.logZoom + closer + jolt.logZoom, fits(thrownExtents, [0, 0])));
    const pan = (axis: 0 | 1, aimed: number, thrown: number) => {
      const room = roomOf(thrownExtents[axis], zoom);
      const { middle } = thrownExtents[axis];
      const base = Math.min(Math.max(rests[axis]! + shorter * step.swing[axis], middle - room), middle + room);
      const towards = step.approach * (aimed - rests[axis]!) + thrown;
      return base + keepWithin(towards, towards > 0 ? middle + room - base : base - middle + room);
    };
    const longFrame = Math.max(frame.width, frame.height);
    // Rendering lets depth grow about the middle of the picture, the still one too (frame-scalars.ts): for the focal point to be
    // what all grows about, it is brought back, and the difference is a parallax.
    const back = 1 + step.dolly / 2;
    return {
      zoom,
      rotation: step.rotation + jolt.rotation,
      panX: pan(0, focal.x, (jolt.x * longFrame) / canvas.width) / back,
      panY: pan(1, focal.y, (jolt.y * longFrame) / canvas.height) / back,
      parallaxX: step.parallax[0] - (step.dolly * focal.x * canvas.width) / long,
      parallaxY: step.parallax[1] - (step.dolly * focal.y * canvas.height) / long,
      dolly: step.dolly,
      weights: step.weights,
      staging: { focal, heading: steering.heading, flash: jolt.flash },
    };
  });
}
