import sharp from 'sharp';
import { MangaError } from '../errors/manga-error.ts';
import { withReason } from '../media/with-reason.ts';
import type { Pixels } from '../pipeline/types.ts';

/**
 * Decodes a photo for drawing: upright, sRGB, transparency on white, scaled so that its long side is `longSide` px.
 * @param source path or file content
 * @throws MangaError BAD_INPUT when it is not a readable picture
 */
export async function decodePhoto(source: string | Uint8Array, longSide: number): Promise<Pixels> {
  try {
    const upright = sharp(source, { failOn: 'error' })
      .autoOrient()
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .resize(longSide, longSide, { fit: 'inside' })
      .removeAlpha()
      .raw({ depth: 'uchar' });
    const { data, info } = await withReason(() => upright.clone().toBuffer({ resolveWithObject: true }));
    return {
      width: info.width,
      height: info.height,
      data: info.channels === 3 ? new Uint8Array(data) : greyToRgb(data),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MangaError('BAD_INPUT', `Not a readable picture: ${reason}.`, 'Use a whole JPEG, PNG or WebP file.', {
      cause: error,
    });
  }
}

function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i], 3 * i, 3 * i + 3);
  return rgb;
}
