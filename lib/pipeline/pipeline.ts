import type { Engine, EngineTensor, TensorData, Weights } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import { withAutoEffects } from '../motion/auto-effects.ts';
import { composeMotions } from '../motion/compose.ts';
import { noiseOf } from '../motion/controls.ts';
import { easeRows } from '../motion/easing.ts';
import { focalPoint, interestPoints } from '../motion/focal.ts';
import type { FrameMotion, Geometry } from '../motion/frame-scalars.ts';
import { canvasSize, frameSize, planDrawing, type Size } from '../motion/geometry.ts';
import { phaseFeatures } from '../motion/phases.ts';
import { positionMap } from '../motion/position-map.ts';
import { steeringOf } from '../motion/steering.ts';
import { motionSize, PHASE_FEATURES, receptiveField } from '../network/blocks/motion-tcn.ts';
import type { NetworkConfig } from '../network/config.ts';
import { DEFAULT_STYLE, generatorPrograms } from '../network/generator.ts';
import type { Medium } from '../network/media.ts';
import type { CameraMove, ClipSettings, DrawSettings } from '../settings/settings.ts';
import { flattenLight } from './flat-light.ts';
import { sharpenHairlines } from './hairlines.ts';
import { measurePrint, type PagePrint } from './page-print/page-print.ts';
import { type Contrast, contrastOf, printLike } from './page-print/print-like.ts';
import { findScreen, type PageScreen } from './page-screen/page-screen.ts';
import { printedScreen } from './page-screen/printed-screen.ts';
import { isStyle, type PageReader, PageStyle } from './page-style.ts';
import { prepareColours, preparePage, preparePhoto, prepareScreen } from './prepare.ts';
import { renderCrew } from './render-crew.ts';
import { RenderedSequence } from './sequence.ts';
import type { Content, DrawnLayers, FrameSequence, Inspection, PictureToClip, Pixels, Style } from './types.ts';

/** Bytes held for each drawn pixel: photo 12, features 54, layers 16, fields 2.3, and their bytes for colour inks. */
const BYTES_PER_PIXEL = 88;

class DrawnContent implements Content {
  readonly features: Readonly<Record<'half' | 'quarter' | 'eighth' | 'code', EngineTensor>>;
  readonly photo: Size;
  readonly drawn: Size;
  readonly padded: Size;
  readonly bytes: Uint8Array;
  readonly #engine: Engine;

  constructor(
    engine: Engine,
    features: Record<string, EngineTensor>,
    photo: Size,
    drawn: Size,
    padded: Size,
    bytes: Uint8Array,
  ) {
    this.#engine = engine;
    this.features = features as DrawnContent['features'];
    this.photo = photo;
    this.drawn = drawn;
    this.padded = padded;
    this.bytes = bytes;
  }

  get shape(): readonly number[] {
    return this.features.eighth.shape;
  }

  get byteLength(): number {
    return Object.values(this.features).reduce((sum, tensor) => sum + tensor.byteLength, this.bytes.byteLength);
  }

  get picture(): Pixels {
    return { ...this.drawn, data: this.bytes };
  }

  readCoarsest(): Promise<TensorData> {
    return this.#engine.read(this.features.eighth);
  }

  dispose(): void {
    for (const tensor of Object.values(this.features)) this.#engine.dispose(tensor);
  }
}

/** What of a page does not depend on the checkpoint. */
async function readPrint(page: Pixels): Promise<{ page: TensorData; screen: PageScreen | null; print: PagePrint }> {
  const { data, width, height } = await prepareScreen(page);
  const print = measurePrint(data, width, height);
  return { page: await preparePage(page), screen: findScreen(data, width, height), print };
}

/** Picture to clip, on one engine and one checkpoint. */
export class Pipeline implements PictureToClip, PageReader {
  readonly #engine: Engine;
  readonly #weights: Weights;
  readonly #config: NetworkConfig;
  readonly #programs: ReturnType<typeof generatorPrograms>;

  constructor(engine: Engine, weights: Weights, config: NetworkConfig) {
    this.#engine = engine;
    this.#weights = weights;
    this.#config = config;
    this.#programs = generatorPrograms(config);
  }

  get medium(): Medium {
    return this.#config.medium;
  }

  async encode(picture: Pixels, settings: Pick<DrawSettings, 'canvas' | 'size' | 'detail'>): Promise<Content> {
    const whole = planDrawing(picture, settings);
    // A panorama too long to be seen is cut: about what is interesting.
    const cut = whole.crop.width < picture.width || whole.crop.height < picture.height;
    const plan = cut ? planDrawing(picture, settings, (await interestPoints(picture.data, picture))[0]) : whole;
    const { input, bytes } = await preparePhoto(picture, plan);
    const [, height, width] = input.shape as [number, number, number];
    const photo = this.#engine.upload(input);
    try {
      const features = await this.#engine.run(this.#programs.encoder, this.#weights, { photo });
      return new DrawnContent(this.#engine, features, plan.crop, plan.drawn, { width, height }, bytes);
    } finally {
      this.#engine.dispose(photo);
    }
  }

  async readPage(page: TensorData): Promise<Float32Array> {
    const uploaded = this.#engine.upload(page);
    try {
      const { style } = await this.#engine.run(this.#programs['style-encoder'], this.#weights, { page: uploaded });
      const { data } = await this.#engine.read(style!);
      this.#engine.dispose(style!);
      return Float32Array.from(data as Float32Array);
    } finally {
      this.#engine.dispose(uploaded);
    }
  }

  async encodeStyle(pages: readonly (Pixels | Style)[], blend = 0.5): Promise<Style> {
    if (pages.length < 1 || pages.length > 2)
      throw new MangaError('BAD_INPUT', `${pages.length} style pages were given.`, 'Give one page, or two to blend.');
    const shares = pages.length === 1 ? [1] : [1 - blend, blend];
    const parts = await Promise.all(
      pages.map(async (one, i) =>
        isStyle(one) ? (one as PageStyle).scaled(shares[i]!) : [{ ...(await readPrint(one)), share: shares[i]! }],
      ),
    );
    const style = new PageStyle(parts.flat(), this, this.#config.style);
    await style.codeFor(this);
    return style;
  }

  async decode(
    content: Content,
    given: ClipSettings,
    style?: Style,
    camera?: readonly CameraMove[],
  ): Promise<FrameSequence> {
    const settings = camera ? given : withAutoEffects(given);
    const drawn = content as DrawnContent;
    const geometry: Geometry = {
      frame: frameSize(drawn.photo, settings.size),
      canvas: canvasSize(drawn.photo, settings),
      drawn: drawn.drawn,
      padded: drawn.padded,
    };
    if (camera && camera.length === 0)
      throw new MangaError('BAD_SETTING', 'The camera path is empty.', 'Give one entry a frame.');
    if (settings.frames > 1) renderCrew.start();
    const { layers, fields } = await this.#draw(drawn, style, settings.styleStrength);
    if (this.#config.medium === 'colour') flattenLight(layers);
    const contrast = this.#readyForPrint(layers, drawn, style, settings.styleStrength);
    const still = { parallaxX: 0, parallaxY: 0, dolly: 0, weights: Array(this.#config.flowBases).fill(0) };
    const { motions, order } = camera
      ? { motions: camera.map((move) => ({ ...move, ...still })), order: camera.map((_, i) => i) }
      : await this.#move(drawn, settings, geometry);
    const colours = settings.ink === 'keep-colours' ? await prepareColours(drawn.bytes, drawn.drawn) : null;
    const drawing = {
      ...{ medium: this.#config.medium, ...drawn.padded, layers, fields: camera ? null : fields, colours },
      ...contrast,
    };
    const printed = printedScreen(settings, style as PageStyle | undefined, geometry, this.#config.medium);
    return new RenderedSequence(drawing, motions, order, geometry, printed);
  }

  /** Layers with faint lines sharpened, and as the style page asks, in place. @returns the page's contrast; nothing without a page */
  #readyForPrint(
    layers: Float32Array,
    { padded, picture }: DrawnContent,
    style: Style | undefined,
    strength: number,
  ): { readonly contrast?: Contrast } {
    sharpenHairlines(layers, padded);
    if (!style || strength === 0) return {};
    const aim = (style as PageStyle).aim(strength);
    printLike(layers, padded, this.#config.medium, picture, aim);
    return { contrast: contrastOf(aim) };
  }

  /** Layers [H,W,4] and fields [H/4,W/4,1+2K], in host memory: frames are rendered there. */
  async #draw(
    content: DrawnContent,
    style: Style | undefined,
    strength: number,
  ): Promise<{ layers: Float32Array; fields: Float32Array }> {
    const { half, quarter, eighth } = content.features;
    const code = this.#engine.upload(await this.#styleCode(style, strength));
    const position = this.#engine.upload(positionMap(content.drawn, content.padded));
    const drawn: EngineTensor[] = [];
    try {
      const inputs = { half, quarter, eighth, style: code, position };
      const outputs = await this.#engine.run(this.#programs['canonical-decoder'], this.#weights, inputs);
      drawn.push(outputs.layers!, outputs.fields!);
      const [layers, fields] = await Promise.all(drawn.map((tensor) => this.#engine.read(tensor)));
      return { layers: layers!.data as Float32Array, fields: fields!.data as Float32Array };
    } finally {
      for (const tensor of [position, ...drawn, code]) this.#engine.dispose(tensor);
    }
  }

  async inspect(content: Content, style?: Style, styleStrength = 1): Promise<Inspection> {
    const { features, drawn, padded } = content as DrawnContent;
    const { layers, fields } = await this.#draw(content as DrawnContent, style, styleStrength);
    const read = (name: 'half' | 'quarter' | 'eighth') => this.#engine.read(features[name]);
    const [half, quarter, eighth] = await Promise.all([read('half'), read('quarter'), read('eighth')]);
    const of = (data: Float32Array, shrunk: number): TensorData => {
      const [height, width] = [padded.height / shrunk, padded.width / shrunk];
      return { shape: [1, height, width, data.length / (height * width)], dtype: 'float32', data };
    };
    const maps = { layers: of(layers, 1), fields: of(fields, 4), features: { half, quarter, eighth } };
    return { medium: this.#config.medium, drawn: { width: drawn.width, height: drawn.height }, ...maps };
  }

  async drawLayers(picture: Pixels, style?: Style, styleStrength = 1): Promise<DrawnLayers> {
    const side = Math.max(picture.width, picture.height);
    const content = (await this.encode(picture, { canvas: side, size: String(side), detail: 1 })) as DrawnContent;
    try {
      const { layers } = await this.#draw(content, style, styleStrength);
      const contrast = this.#readyForPrint(layers, content, style, styleStrength);
      return { ...content.padded, layers, ...contrast };
    } finally {
      content.dispose();
    }
  }

  /** From the checkpoint's own style (0) to the page's (1), along the line between their codes. */
  async #styleCode(style: Style | undefined, strength: number): Promise<TensorData> {
    const own = this.#defaultStyle();
    if (!style) return own;
    const page = await (style as PageStyle).codeFor(this);
    return { ...own, data: (own.data as Float32Array).map((v, i) => v + strength * (page[i]! - v)) };
  }

  #defaultStyle(): TensorData {
    return (
      this.#weights.tensors.get(DEFAULT_STYLE) ?? {
        shape: [1, this.#config.style],
        dtype: 'float32',
        data: new Float32Array(this.#config.style),
      }
    );
  }

  /** Runs the TCN over the clip, with a run-up as long as its memory so that the first frame is no exception. */
  async #move(
    content: DrawnContent,
    settings: ClipSettings,
    geometry: Geometry,
  ): Promise<{ motions: FrameMotion[]; order: number[] }> {
    const { frames, fps, loop, easing, hold, seed } = settings;
    const pingPong = loop === 'ping-pong' && frames > 2;
    const distinct = pingPong ? Math.floor(frames / 2) + 1 : frames;
    const runUp = receptiveField(this.#config);
    const steps = runUp + distinct;
    const noise = this.#config.noise;
    const steering = steeringOf(settings);
    const focal = await focalPoint(settings.focal, steering.interest, content.bytes, content.drawn);
    const fresh = noiseOf(steering.controls, distinct, noise, seed);
    const z = new Float32Array(steps * noise);
    for (let step = 0; step < steps; step++) {
      // Jitter of a seamless clip repeats with it; otherwise the run-up is a still first frame.
      const source =
        loop === 'seamless' ? (((step - runUp) % distinct) + distinct) % distinct : Math.max(step - runUp, 0);
      z.set(fresh.subarray(source * noise, (source + 1) * noise), step * noise);
    }
    const phase = phaseFeatures(-runUp, steps, distinct, fps, loop === 'seamless');
    const upload = (data: Float32Array, size: number) =>
      this.#engine.upload({ shape: [1, steps, size], dtype: 'float32', data });
    const inputs = { z: upload(z, noise), phase: upload(phase, PHASE_FEATURES), code: content.features.code };
    try {
      const outputs = await this.#engine.run(this.#programs['motion-tcn'], this.#weights, inputs);
      const { data } = await this.#engine.read(outputs.motion!);
      this.#engine.dispose(outputs.motion!);
      const size = motionSize(this.#config);
      const uneased = Array.from({ length: distinct }, (_, t) => {
        return (data as Float32Array).subarray((runUp + t) * size, (runUp + t + 1) * size);
      });
      const eased = steering.eased && loop !== 'seamless' ? easeRows(uneased, easing) : uneased;
      const rows = Array.from({ length: frames }, (_, t) => eased[t < distinct ? t : frames - t]!);
      const motions = composeMotions(rows, settings, steering, focal, geometry);
      const order = motions.map((_, t) => t - (t % hold));
      return { motions, order };
    } finally {
      this.#engine.dispose(inputs.z);
      this.#engine.dispose(inputs.phase);
    }
  }

  estimateBytes(width: number, height: number, settings: DrawSettings): number {
    const { drawn } = planDrawing({ width, height }, settings);
    return drawn.width * drawn.height * BYTES_PER_PIXEL;
  }
}
