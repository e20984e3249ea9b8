import type { ClipSettings } from '../settings/settings.ts';

type Rgb = readonly [number, number, number];

const SEPIA: { readonly paper: Rgb; readonly ink: Rgb } = { paper: [247, 238, 220], ink: [58, 36, 20] };
/** Lines black, tones in a second printing colour. */
const SECOND: Rgb = [226, 73, 58];
/** How dark tones print over the photo's own colours. */
const COLOUR_TONE = 0.45;

/** What the renderer has to output for an ink, and the clip's channels. */
export function platesOf(ink: ClipSettings['ink']): { output: 'grey' | 'plates' | 'colour'; channels: 1 | 3 } {
  if (ink === 'black') return { output: 'grey', channels: 1 };
  if (ink === 'sepia') return { output: 'grey', channels: 3 };
  return { output: ink === 'two-colour' ? 'plates' : 'colour', channels: 3 };
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
