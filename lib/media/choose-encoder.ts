import { MangaError } from '../errors/manga-error.ts';
import type { OutputSettings } from '../settings/settings.ts';
import { ffmpegCodec, ffmpegEncoder } from './encode-ffmpeg.ts';
import { pngEncoder } from './encode-png.ts';
import { sharpEncoder } from './encode-sharp.ts';
import { wasmEncoder } from './encode-wasm.ts';
import type { ClipEncoder } from './encoder.ts';
import { ffmpegHint, findFfmpeg } from './ffmpeg.ts';

/**
 * The encoder for a format. gif, webp and png are always made by sharp, whatever is asked for; mp4 by ffmpeg when it is
 * found (auto), else by the built-in one; webm by ffmpeg only.
 * @throws MangaError ENGINE_MISSING when ffmpeg is needed and not found, or lacks the codec; BAD_SETTING for webm with the
 * built-in encoder
 */
export async function chooseEncoder({
  format,
  encoder,
}: Pick<OutputSettings, 'format' | 'encoder'>): Promise<ClipEncoder> {
  if (format === 'png') return pngEncoder;
  if (format === 'gif' || format === 'webp') return sharpEncoder;
  if (encoder === 'built-in') {
    if (format === 'mp4') return wasmEncoder;
    throw new MangaError('BAD_SETTING', 'webm needs ffmpeg.', "Set the encoder to 'auto', or the format to 'mp4'.");
  }
  const ffmpeg = await findFfmpeg();
  const codec = ffmpeg.path === undefined ? undefined : ffmpegCodec(ffmpeg, format);
  if (ffmpeg.path !== undefined && codec) return ffmpegEncoder(ffmpeg, codec);
  if (format === 'mp4' && encoder === 'auto') return wasmEncoder;
  const reason =
    ffmpeg.path === undefined
      ? ffmpeg.missing
      : `${ffmpeg.path} has no encoder for it (${format === 'mp4' ? 'libx264 or libopenh264' : 'libvpx-vp9 or libvpx'}).`;
  const without = format === 'webm' ? ' mp4 works without it.' : '';
  throw new MangaError('ENGINE_MISSING', `${format} was to be made by ffmpeg, but ${reason}`, ffmpegHint + without);
}
