/** What the network made of a picture, as pictures for people. */
import type { TensorData } from '../engines/engine.ts';
import type { Inspection } from '../pipeline/types.ts';
import { flowColour, viridis } from './colour-maps.ts';
import { mosaic, type Raster, toPng } from './preview.ts';
import type { InspectedPicture } from './types.ts';

/** Of the longer side of a layer or field, and of all feature maps of a scale together. */
const LAYER_SIDE = 640;
const MOSAIC_SIDE = 1280;

/** Names of the four layers by medium (see network/media.ts). */
const LAYER_NAMES = {
  screentone: ['line', 'light', 'dark', 'black'],
  pencil: ['line', 'light', 'dark', 'black'],
  colour: ['line', 'red', 'green', 'blue'],
} as const;

type Size = { readonly width: number; readonly height: number };

/** One number a pixel of [1,h,w,C], without what was padded to the right and below. */
function planeOf({ shape, data }: TensorData, channel: number, { width, height }: Size): Float32Array {
  const [, , w, channels] = shape as [number, number, number, number];
  const plane = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) plane[y * width + x] = data[(y * w + x) * channels + channel]!;
  return plane;
}

/** @param colourOf of the i-th pixel: grey, or [r,g,b], 0..255 */
function paint(size: Size, channels: 1 | 3, colourOf: (i: number) => number | readonly number[]): Raster {
  const data = new Uint8Array(size.width * size.height * channels);
  for (let i = 0; i < size.width * size.height; i++) {
    const colour = colourOf(i);
    if (typeof colour === 'number') data[i] = colour;
    else data.set(colour, i * 3);
  }
  return { ...size, channels, data };
}

const grey = (value: number): number => Math.round(255 * Math.min(1, Math.max(0, value)));

function ends(plane: Float32Array): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of plane) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** The four layers as ink on paper; of colour, the three planes as brightness, and what they make together. */
async function layerPictures({ medium, drawn, layers }: Inspection): Promise<InspectedPicture[]> {
  const planes = LAYER_NAMES[medium].map((name, channel) => ({ name, plane: planeOf(layers, channel, drawn) }));
  const picture = async (
    name: string,
    scale: InspectedPicture['scale'],
    raster: Raster,
  ): Promise<InspectedPicture> => ({
    ...{ group: 'layers', name, scale, low: 0, high: 1, maps: 1 },
    png: await toPng(raster, LAYER_SIDE),
  });
  const pictures = planes.map(({ name, plane }) => {
    const ink = medium !== 'colour' || name === 'line';
    const raster = paint(drawn, 1, (i) => grey(ink ? 1 - plane[i]! : plane[i]!));
    return picture(name, ink ? 'ink' : 'brightness', raster);
  });
  if (medium === 'colour') {
    const [, ...rgb] = planes;
    const raster = paint(drawn, 3, (i) => rgb.map(({ plane }) => grey(plane[i]!)));
    pictures.push(picture('flat', 'colours', raster));
  }
  return Promise.all(pictures);
}

/** Disparity by viridis from its lowest to its highest value; each basis by the colour wheel, up to its largest length. */
async function fieldPictures({ drawn, fields }: Inspection): Promise<InspectedPicture[]> {
  const [, h, w, channels] = fields.shape as [number, number, number, number];
  const size = {
    width: Math.min(w, Math.ceil(drawn.width / 4)),
    height: Math.min(h, Math.ceil(drawn.height / 4)),
  };
  const disparity = planeOf(fields, 0, size);
  const { low, high } = ends(disparity);
  const depth = paint(size, 3, (i) => viridis((disparity[i]! - low) / (high - low || 1)));
  const pictures: InspectedPicture[] = [
    { group: 'fields', name: 'disparity', scale: 'disparity', low, high, maps: 1, png: await toPng(depth, LAYER_SIDE) },
  ];
  for (let basis = 0; 2 * basis + 2 < channels; basis++) {
    const x = planeOf(fields, 1 + 2 * basis, size);
    const y = planeOf(fields, 2 + 2 * basis, size);
    const longest = x.reduce((most, value, i) => Math.max(most, Math.hypot(value, y[i]!)), 0);
    // A basis says where a frame samples the drawing, so what is seen goes the other way.
    const raster = paint(size, 3, (i) => flowColour(-x[i]! / (longest || 1), -y[i]! / (longest || 1)));
    const png = await toPng(raster, LAYER_SIDE);
    pictures.push({ group: 'fields', name: `flow-${basis + 1}`, scale: 'flow', low: 0, high: longest, maps: 1, png });
  }
  return pictures;
}

/** All feature maps of each scale side by side, each from its lowest (black) to its highest value (white). */
async function featurePictures({ features }: Inspection): Promise<InspectedPicture[]> {
  return Promise.all(
    Object.entries(features).map(async ([name, read]): Promise<InspectedPicture> => {
      const maps = read.shape[3]!;
      const { low, high } = ends(read.data as Float32Array);
      const png = await toPng(mosaic(read, maps), MOSAIC_SIDE);
      return { group: 'features', name, scale: 'maps', low, high, maps, png };
    }),
  );
}

/** Layers, fields and feature maps, in this order. */
export async function inspectPictures(inspection: Inspection): Promise<InspectedPicture[]> {
  const groups = [layerPictures(inspection), fieldPictures(inspection), featurePictures(inspection)];
  return (await Promise.all(groups)).flat();
}
