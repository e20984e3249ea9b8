import type { DrawnLayers } from '../pipeline/types.ts';
import { carryLayers } from './carry-layers.ts';
import { carryScreen } from './carry-screen.ts';
import { opticalFlow } from './flow/optical-flow.ts';
import { type Flow, greyPlane, type Plane } from './flow/plane.ts';
import { reliability } from './flow/reliability.ts';

/** Long side at which motion is looked for; frames are reduced by a whole factor to about this. */
const MOTION_SIDE = 256;
/** Mean trust below which a frame has nothing to do with the one before. */
const CUT = 0.3;

export interface CarriedDrawing extends DrawnLayers {
  /** Displacement of the dot screen in grid pixels. */
  readonly screen: Flow;
  /** Pixels a grid pixel. */
  readonly factor: number;
  /** Nothing was carried: the first frame, or the first after a cut. */
  readonly fresh: boolean;
}

/** Carries drawings from frame to frame: memory of one frame, whatever the length. */
export class Carrier {
  readonly #steady: number;
  #before: { grey: Plane; drawing: CarriedDrawing } | undefined;

  /** @param steady 0..1: how much is carried where motion is known */
  constructor(steady: number) {
    this.#steady = steady;
  }

  /**
   * @param rgb the frame, [height,width,3] @param drawn its layers, which may be larger by padding; taken over
   */
  next(rgb: Uint8Array, width: number, height: number, drawn: DrawnLayers): CarriedDrawing {
    const factor = Math.max(1, Math.round(Math.max(width, height) / MOTION_SIDE));
    const grey = greyPlane(rgb, width, height, factor);
    const drawing = this.#carry(grey, factor, drawn);
    this.#before = { grey, drawing };
    return drawing;
  }

  #carry(grey: Plane, factor: number, drawn: DrawnLayers): CarriedDrawing {
    const { width, height } = grey;
    const still = { width, height, data: new Float32Array(width * height * 2) };
    const fresh = { ...drawn, screen: still, factor, fresh: true };
    if (!this.#before || this.#steady === 0) return fresh;
    const { grey: before, drawing } = this.#before;
    const back = opticalFlow(grey, before);
    const trust = reliability(grey, before, back, opticalFlow(before, grey));
    if (trust.data.reduce((sum, value) => sum + value, 0) < CUT * trust.data.length) return fresh;
    carryLayers(drawn.layers, drawing.layers, drawn.width, drawn.height, back, trust, factor, this.#steady);
    return { ...drawn, screen: carryScreen(drawing.screen, back, trust, grey), factor, fresh: false };
  }
}
