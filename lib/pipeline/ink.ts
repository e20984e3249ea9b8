import type { Medium } from '../network/media.ts';
import type { ClipSettings } from '../settings/settings.ts';
import type { Plates } from './raster/types.ts';

type Rgb = readonly [number, number, number];

const SEPIA: { readonly paper: Rgb; readonly ink: Rgb } = { paper: [247, 238, 220], ink: [58, 36, 20] };
/** Lines black, tones in a second printing colour. */
const SECOND: Rgb = [226, 73, 58];
/** Lines over flat colours: not quite black, as webtoons have them. */
const LINE: Rgb = [34, 26, 34];
/** How dark tones print over the photo's own colours. */
const COLOUR_TONE = 0.45;

/** What the renderer has to output for an ink, and the clip's channels. A drawing in colours keeps them in black ink, too. */
export function platesOf(
  ink: ClipSettings['ink'],
  medium: Medium,
): { output: 'grey' | 'plates' | 'colour'; channels: 1 | 3 } {
  if (ink === 'sepia') return { output: 'grey', channels: 3 };
  if (ink === 'two-colour') return { output: 'plates', channels: 3 };
  if (ink === 'keep-colours' || medium === 'colour') return { output: 'colour', channels: 3 };
  return { output: 'grey', channels: 1 };
}

/** Grey bytes (255 paper) -> RGB in sepia. */
export function printSepia(grey: Uint8Array): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let v = 0; v < 256; v++) {
    for (let c = 0; c < 3; c++)
      table[v * 3 + c] = Math.round(SEPIA.ink[c]! + ((SEPIA.paper[c]! - SEPIA.ink[c]!) * v) / 255);
  }
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) {
    const from = grey[i]! * 3;
    rgb[i * 3] = table[from]!;
    rgb[i * 3 + 1] = table[from + 1]!;
    rgb[i * 3 + 2] = table[from + 2]!;
  }
  return rgb;
}

/** Line plate in black over a tone plate in the second colour, on white. Plates: 255 ink. */
export function printTwoColours(line: Uint8Array, tone: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(line.length * 3);
  for (let i = 0; i < line.length; i++) {
    const clear = 255 - line[i]!;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = (clear * (255 * 255 - (255 - SECOND[c]!) * tone[i]!)) / (255 * 255);
  }
  return rgb;
}

/** Line plate in black and tones darker, over the photo's colours (interleaved RGB). */
export function printColours(line: Uint8Array, tone: Uint8Array, colour: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(line.length * 3);
  for (let i = 0; i < line.length; i++) {
    const clear = ((255 - line[i]!) * (255 - COLOUR_TONE * tone[i]!)) / (255 * 255);
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = clear * colour[i * 3 + c]!;
  }
  return rgb;
}

/** Line plate in a very dark ink over the drawing's own flat colours (interleaved RGB). */
export function printFlatColours(line: Uint8Array, colour: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(line.length * 3);
  for (let i = 0; i < line.length; i++) {
    const ink = line[i]!;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = ((255 - ink) * colour[i * 3 + c]! + ink * LINE[c]!) / 255;
  }
  return rgb;
}

/** Empty plates of a frame for an ink. */
export function platesFor(ink: ClipSettings['ink'], medium: Medium, width: number, height: number): Plates {
  const { output } = platesOf(ink, medium);
  const plate = (channels: number) => new Uint8Array(height * width * channels);
  return {
    grey: output === 'grey' ? plate(1) : null,
    line: output === 'grey' ? null : plate(1),
    tone: output === 'grey' ? null : plate(1),
    colour: output === 'colour' ? plate(3) : null,
  };
}

/** Plates of {@link platesFor}, filled, to the frame's bytes. */
export function printPlates(plates: Plates, ink: ClipSettings['ink'], medium: Medium): Uint8Array {
  const { output } = platesOf(ink, medium);
  if (ink === 'sepia') return printSepia(plates.grey!);
  if (output === 'grey') return plates.grey!;
  if (output === 'plates') return printTwoColours(plates.line!, plates.tone!);
  if (medium === 'colour') return printFlatColours(plates.line!, plates.colour!);
  return printColours(plates.line!, plates.tone!, plates.colour!);
}
