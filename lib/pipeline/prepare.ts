import sharp from 'sharp';
import type { TensorData } from '../engines/engine.ts';
import type { DrawPlan, Size } from '../motion/geometry.ts';
import { STRIDE } from '../network/config.ts';
import type { Pixels } from './types.ts';

/** Long side at which a style page is read. */
const PAGE_SIDE = 512;
/** Long side at which its dots are looked for: a usual screen's are some 3 pixels apart then. */
const SCREEN_SIDE = 2000;

function paddedSize({ width, height }: Size): Size {
  const up = (x: number) => Math.max(2, Math.ceil(x / STRIDE)) * STRIDE;
  return { width: up(width), height: up(height) };
}

/** Crops and resizes. @returns interleaved bytes, `drawn` in size */
async function resize(picture: Pixels, plan: DrawPlan, channels: 1 | 3): Promise<Uint8Array> {
  const raw = sharp(picture.data, {
    raw: { width: picture.width, height: picture.height, channels: 3 },
    limitInputPixels: false,
  });
  const sized = raw.extract(plan.crop).resize(plan.drawn.width, plan.drawn.height, { fit: 'fill', kernel: 'lanczos3' });
  return (channels === 1 ? sized.toColourspace('b-w') : sized).raw().toBuffer();
}

/** What each byte is to the network: (v/255 - .5)/.5. */
const NORMAL = Float32Array.from({ length: 256 }, (_, v) => v / 127.5 - 1);

/** {@link NORMAL} of each value, edges repeated to a multiple of the network's stride. @returns [1,H,W,channels] */
export function normalise(bytes: Uint8Array, size: Size, channels: number): TensorData {
  const padded = paddedSize(size);
  const data = new Float32Array(padded.width * padded.height * channels);
  let at = 0;
  for (let y = 0; y < padded.height; y++) {
    const row = Math.min(y, size.height - 1) * size.width;
    for (let x = 0; x < padded.width; x++) {
      const from = (row + Math.min(x, size.width - 1)) * channels;
      for (let c = 0; c < channels; c++) data[at++] = NORMAL[bytes[from + c]!]!;
    }
  }
  return { shape: [1, padded.height, padded.width, channels], dtype: 'float32', data };
}

/** Photo -> encoder input [1,H,W,3] in -1..1 and its bytes [H,W,3] unpadded. */
export async function preparePhoto(picture: Pixels, plan: DrawPlan): Promise<{ input: TensorData; bytes: Uint8Array }> {
  const bytes = await resize(picture, plan, 3);
  return { input: normalise(bytes, plan.drawn, 3), bytes };
}

/** Style page -> style encoder input [1,H,W,1] in -1..1. */
export async function preparePage(page: Pixels): Promise<TensorData> {
  const scale = Math.min(1, PAGE_SIDE / Math.max(page.width, page.height));
  const drawn = {
    width: Math.max(STRIDE, Math.round(page.width * scale)),
    height: Math.max(STRIDE, Math.round(page.height * scale)),
  };
  const crop = { left: 0, top: 0, width: page.width, height: page.height };
  return normalise(await resize(page, { crop, drawn }, 1), drawn, 1);
}

/** A style page's grey for its screen, at its own size up to {@link SCREEN_SIDE}. @returns [height,width] */
export async function prepareScreen(page: Pixels): Promise<Size & { readonly data: Uint8Array }> {
  const scale = Math.min(1, SCREEN_SIDE / Math.max(page.width, page.height));
  const drawn = { width: Math.ceil(page.width * scale), height: Math.ceil(page.height * scale) };
  const crop = { left: 0, top: 0, width: page.width, height: page.height };
  return { ...drawn, data: await resize(page, { crop, drawn }, 1) };
}

/** Photo colours for the 'keep-colours' ink: flattened by a median, a little stronger. @returns [H,W,3] bytes, padded like the layers */
export async function prepareColours(bytes: Uint8Array, drawn: Size): Promise<Uint8Array> {
  const padded = paddedSize(drawn);
  return sharp(bytes, { raw: { ...drawn, channels: 3 } })
    .median(7)
    .modulate({ saturation: 1.25, brightness: 1.12 })
    .extend({ right: padded.width - drawn.width, bottom: padded.height - drawn.height, extendWith: 'copy' })
    .raw()
    .toBuffer();
}
