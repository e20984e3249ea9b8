import sharp from 'sharp';
import { type Lab, toLab } from '../render/colour.ts';
import { gaussianBlur } from '../render/gaussian.ts';
import { borderContrast, normalise } from '../render/saliency.ts';
import type { CanvasPoint, Size } from './geometry.ts';

/** Long side of the thumbnail that is looked at. */
const SIDE = 72;
/** Size of a point of interest, as a share of the long side: about a face's in a group, or half one in a portrait. */
const SPOT = 0.055;
/** Points of interest lie this far apart. */
const APART = 0.25;
const POINTS = 3;

/**
 * Skin, by its hue and chroma in CIE Lab: 0..1. Skin of all complexions lies in one narrow wedge of hue (about 30 to 75 degrees)
 * and differs in lightness; wood and sand lie there too.
 */
function skinOf({ l, a, b }: Lab): Float32Array {
  return l.map((light, i) => {
    const chroma = Math.hypot(a[i]!, b[i]!);
    const hue = (Math.atan2(b[i]!, a[i]!) * 180) / Math.PI;
    const bell = (x: number) => Math.exp(-0.5 * x * x);
    const lit = Math.min(Math.max((light - 0.12) / 0.15, 0), 1);
    return lit * bell((hue - 52) / 14) * bell((chroma - 0.25) / 0.09);
  });
}

/** Detail about each place, 0..1: eyes, mouths and what is in focus have it, skies and walls do not. */
function detailOf({ l, width, height }: Lab): Float32Array {
  const base = gaussianBlur(l, width, height, 1.5);
  return normalise(
    gaussianBlur(
      l.map((v, i) => Math.abs(v - base[i]!)),
      width,
      height,
      2,
    ),
  );
}

/**
 * Where a photo is likely to be interesting: a rule of thumb, no face detector. Skin colour that has detail in it speaks for a
 * place, then contrast to the picture's border, detail, and nearness to the middle (a little above it).
 * @param bytes interleaved RGB @returns one to three points, the best first, 25 % of the long side apart
 */
export async function interestPoints(bytes: Uint8Array, size: Size): Promise<CanvasPoint[]> {
  const scale = Math.min(1, SIDE / Math.max(size.width, size.height));
  const width = Math.max(4, Math.round(size.width * scale));
  const height = Math.max(4, Math.round(size.height * scale));
  const data = await sharp(bytes, { raw: { ...size, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  const lab = toLab({ width, height, data });
  const skin = skinOf(lab);
  const detail = detailOf(lab);
  const contrast = borderContrast(lab);
  const spot = SPOT * Math.max(width, height);
  const evidence = gaussianBlur(
    skin.map((s, i) => s * (0.5 + detail[i]!) + 0.35 * contrast[i]! + 0.3 * detail[i]!),
    width,
    height,
    spot,
  );
  const interest = evidence.map((v, i) => {
    const x = ((i % width) + 0.5) / width - 0.5;
    const y = (Math.floor(i / width) + 0.5) / height - 0.42;
    return v * Math.exp(-0.5 * ((x / 0.3) ** 2 + (y / 0.27) ** 2));
  });
  return peaks(interest, width, height);
}

function peaks(interest: Float32Array, width: number, height: number): CanvasPoint[] {
  const points: CanvasPoint[] = [];
  const apart = APART * Math.max(width, height);
  let first = 0;
  while (points.length < POINTS) {
    let best = 0;
    for (let i = 1; i < interest.length; i++) if (interest[i]! > interest[best]!) best = i;
    const strength = interest[best]!;
    if (points.length === 0) first = strength;
    else if (strength < 0.35 * first) break;
    const [x, y] = [best % width, Math.floor(best / width)];
    points.push({ x: (x + 0.5) / width - 0.5, y: (y + 0.5) / height - 0.5 });
    for (let i = 0; i < interest.length; i++) {
      if (Math.hypot((i % width) - x, Math.floor(i / width) - y) < apart) interest[i] = 0;
    }
    if (strength === 0) break;
  }
  return points;
}

/**
 * The focal point of a clip.
 * @param focal 'auto', or 'x,y' as fractions of the picture from its top left corner
 * @param interest which of the points of interest 'auto' takes, if there are so many
 */
export async function focalPoint(focal: string, interest: number, bytes: Uint8Array, size: Size): Promise<CanvasPoint> {
  if (focal !== 'auto') {
    const [x, y] = focal.split(',').map(Number) as [number, number];
    return { x: x - 0.5, y: y - 0.5 };
  }
  const points = await interestPoints(bytes, size);
  return points[Math.min(interest, points.length - 1)]!;
}
