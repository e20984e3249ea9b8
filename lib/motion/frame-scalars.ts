import { CAMERA_OUTPUTS } from '../network/blocks/motion-tcn.ts';
import { SCALARS, type Scalar } from '../network/blocks/render-frames.ts';
import type { CameraMove, ClipSettings } from '../settings/settings.ts';
import type { CanvasPoint, Size } from './geometry.ts';
import { MOTION_RANGE } from './trajectory.ts';

export interface Geometry {
  readonly frame: Size;
  /** In output pixels at zoom 1. */
  readonly canvas: Size;
  /** What the network drew, without padding. */
  readonly drawn: Size;
  /** Size of the layer tensors. */
  readonly padded: Size;
}

/** What effects need to know of a frame. */
export interface Staging {
  /** What the clip looks at. */
  readonly focal: CanvasPoint;
  /** Where the motion goes, for speed lines: radians, 0 right, pi/2 up. */
  readonly heading: number;
  /** Shown inverted. */
  readonly flash: boolean;
}

export interface FrameMotion extends CameraMove {
  readonly parallaxX: number;
  readonly parallaxY: number;
  readonly dolly: number;
  /** Fractions of the canvas' long side, one a flow basis. */
  readonly weights: readonly number[];
  /** Missing when a camera path is given: such a clip has no effects. */
  readonly staging?: Staging;
}

/** Field units a drawn pixel that an edge rises by: the teacher's are ramps Φ(distance/.8), of slope 1/(.8 sqrt(2 pi)). */
const EDGE_SLOPE = 0.5;
/** Largest slope of the dot function, per period: .25 · 2 pi · sqrt(2). */
const DOT_SLOPE = 2.2;
/** Dot distance in drawn pixels when none is set: of hatching, and of what training prints. */
const DRAWN_PERIOD = 4;
/** The same of the dots that people see: as fine as manga's at this size, and nearer to its pages (docs/evaluation.md). */
const DOT_PERIOD = 3;

/** TCN output of one step -> motion in natural units, with the view kept on the canvas. @param motion [7+K] in units of MOTION_RANGE */
export function frameMotion(motion: Float32Array, geometry: Geometry): FrameMotion {
  const r = MOTION_RANGE;
  const rotation = r.rotation * motion[1]!;
  const { frame, canvas } = geometry;
  const cos = Math.abs(Math.cos(rotation));
  const sin = Math.abs(Math.sin(rotation));
  // How much of the canvas the turned frame takes at zoom 1: a frame turned too far comes closer, rather than see past the edge.
  const takenX = (cos * frame.width + sin * frame.height) / canvas.width;
  const takenY = (cos * frame.height + sin * frame.width) / canvas.height;
  const zoom = Math.max(Math.exp(r.logZoom * Math.max(motion[0]!, 0)), takenX, takenY);
  const roomX = (1 - takenX / zoom) / 2;
  const roomY = (1 - takenY / zoom) / 2;
  return {
    zoom,
    rotation,
    panX: keepWithin(r.pan * motion[2]!, roomX),
    panY: keepWithin(r.pan * motion[3]!, roomY),
    parallaxX: r.parallax * motion[4]!,
    parallaxY: r.parallax * motion[5]!,
    dolly: r.dolly * motion[6]!,
    weights: Array.from(motion.subarray(CAMERA_OUTPUTS), (weight) => r.flow * weight),
  };
}

/** Linear to 70 % of the room, then smoothly towards its end: a camera that brakes instead of hitting a wall. */
export function keepWithin(x: number, room: number): number {
  const knee = 0.7 * room;
  const size = Math.abs(x);
  if (size <= knee) return x;
  return room > 0 ? Math.sign(x) * (knee + (room - knee) * Math.tanh((size - knee) / (room - knee))) : 0;
}

/**
 * Distance between screen dots where none is set, canvas pixels: they grow with a drawing that is enlarged, and do not
 * shrink with one that is reduced, where they would run together.
 */
export function automaticPeriod({ drawn, canvas }: Pick<Geometry, 'drawn' | 'canvas'>, smallest = DOT_PERIOD): number {
  return smallest * Math.max(1, canvas.width / drawn.width);
}

/**
 * How wide the edges of lines, tones and dots are printed, output pixels. Ink spreads: a little softer than a pixel is a third calmer in
 * motion (nE 1.6 to 1.1 %) and nearer to manga pages (docs/evaluation.md, "How soft edges are").
 */
const PRINTED = 1.4;

export type Look = Pick<ClipSettings, 'lineWeight' | 'screenPeriod' | 'screenAngle'>;

/**
 * Folds camera, sizes and look into what render-frames needs.
 * @param softness width of all edges while training, output pixels, though bare paper turn grey; default: as they are printed
 * @returns scalars [T,18] and flow weights [T,2K], row-major
 */
export function frameScalars(
  motions: readonly FrameMotion[],
  geometry: Geometry,
  look: Look,
  softness?: number,
): { scalars: Float32Array; weights: Float32Array } {
  const { canvas, drawn, padded } = geometry;
  const drawnPerCanvas = drawn.width / canvas.width;
  const longDrawn = Math.max(drawn.width, drawn.height);
  // A drawn pixel in Ops.warp's coordinates, and where the drawing's centre lies in the padded tensor.
  const nx = 2 / Math.max(padded.width - 1, 1);
  const ny = 2 / Math.max(padded.height - 1, 1);
  const centreX = (drawn.width - 1) / Math.max(padded.width - 1, 1) - 1;
  const centreY = (drawn.height - 1) / Math.max(padded.height - 1, 1) - 1;
  const period = look.screenPeriod > 0 ? look.screenPeriod : automaticPeriod(geometry, DRAWN_PERIOD);
  const lineThreshold = 0.5 - 0.25 * (look.lineWeight - 1);
  const width = softness ?? PRINTED;
  const edge = 1 / drawnPerCanvas / width / EDGE_SLOPE;
  // A field of 0 is bare paper: no edge is printed so soft that it reaches there and prints it grey. Tones' edges lie at .5.
  const steepness = softness === undefined ? Math.max(edge, 0.5 / Math.min(lineThreshold, 0.5)) : edge;
  const angle = (look.screenAngle * Math.PI) / 180;
  const perX = 1 / (period * drawnPerCanvas * nx);
  const perY = 1 / (period * drawnPerCanvas * ny);
  const bases = motions[0]?.weights.length ?? 0;
  const scalars = new Float32Array(motions.length * SCALARS.length);
  const weights = new Float32Array(motions.length * 2 * bases);
  motions.forEach((motion, t) => {
    const cos = Math.cos(motion.rotation) / motion.zoom;
    const sin = Math.sin(motion.rotation) / motion.zoom;
    // Depth moves about the middle distance, so that the picture as a whole stays where the camera looks.
    const approach = 1 - motion.dolly / 2;
    const shiftX = motion.panX * canvas.width * drawnPerCanvas - (motion.parallaxX * longDrawn) / 2;
    const shiftY = motion.panY * canvas.height * drawnPerCanvas - (motion.parallaxY * longDrawn) / 2;
    const row: Record<Scalar, number> = {
      xx: cos * drawnPerCanvas * nx * approach,
      xy: -sin * drawnPerCanvas * nx * approach,
      x0: shiftX * nx + centreX,
      yx: sin * drawnPerCanvas * ny * approach,
      yy: cos * drawnPerCanvas * ny * approach,
      y0: shiftY * ny + centreY,
      parallaxX: motion.parallaxX * longDrawn * nx,
      parallaxY: motion.parallaxY * longDrawn * ny,
      dolly: motion.dolly,
      screenUX: Math.cos(angle) * perX,
      screenUY: Math.sin(angle) * perY,
      screenU0: -Math.cos(angle) * perX * centreX - Math.sin(angle) * perY * centreY,
      screenVX: -Math.sin(angle) * perX,
      screenVY: Math.cos(angle) * perY,
      screenV0: Math.sin(angle) * perX * centreX - Math.cos(angle) * perY * centreY,
      edgeGain: motion.zoom * steepness,
      lineThreshold,
      screenGain: (period * motion.zoom) / DOT_SLOPE / width,
    };
    SCALARS.forEach((name, i) => {
      scalars[t * SCALARS.length + i] = row[name];
    });
    motion.weights.forEach((weight, k) => {
      weights[(t * bases + k) * 2] = weight * longDrawn * nx;
      weights[(t * bases + k) * 2 + 1] = weight * longDrawn * ny;
    });
  });
  return { scalars, weights };
}

/** Output pixels from the frame's centre, rounded up to multiples of `step`; `coarse` holds the centre of each block of `step`. */
export function pixelGrid(side: number, step: number): { fine: Float32Array; coarse: Float32Array } {
  const blocks = Math.ceil(side / step);
  const fine = Float32Array.from({ length: blocks * step }, (_, i) => i - (side - 1) / 2);
  const coarse = Float32Array.from({ length: blocks }, (_, i) => i * step + (step - 1) / 2 - (side - 1) / 2);
  return { fine, coarse };
}
