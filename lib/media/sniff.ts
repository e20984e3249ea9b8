/** Formats that are decoded. What a file is called does not matter, only its first bytes do. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

/** What else people drop by mistake: each gets its own advice. */
export type OtherFormat = 'svg' | 'heic' | 'bmp' | 'jxl' | 'jp2' | 'pdf' | 'video' | 'raw photo' | 'text' | 'unknown';

export type Sniffed =
  | { readonly picture: true; readonly format: PictureFormat }
  | { readonly picture: false; readonly format: OtherFormat };

const picture = (format: PictureFormat): Sniffed => ({ picture: true, format });
const other = (format: OtherFormat): Sniffed => ({ picture: false, format });

/** Major brands of ISO base media files (ISO/IEC 14496-12, 23008-12) that are pictures. */
const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx']);

function sniffIsoMedia(bytes: Uint8Array, text: string): Sniffed {
  const boxLength = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), 64, bytes.length);
  const brands = [text.slice(8, 12)];
  for (let at = 16; at + 4 <= boxLength; at += 4) brands.push(text.slice(at, at + 4));
  if (brands.includes('avif') || brands.includes('avis')) return picture('avif');
  if (brands.some((brand) => heicBrands.has(brand))) return other('heic');
  return brands[0] === 'crx ' ? other('raw photo') : other('video');
}

function isText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 512);
  return start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}

/**
 * Tells the format from the first bytes, so that only the decoders we mean to offer ever see the file.
 * @param bytes the file, or at least its first 512 bytes
 */
export function sniffPicture(bytes: Uint8Array): Sniffed {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512)).toString('latin1');
  if (text.startsWith('\xff\xd8\xff')) return picture('jpeg');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return picture('png');
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return picture('gif');
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return picture('webp');
  if (text.slice(4, 8) === 'ftyp' && bytes.length >= 16) return sniffIsoMedia(bytes, text);
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return text.slice(8, 10) === 'CR' ? other('raw photo') : picture('tiff');
  if (text.startsWith('BM') && !isText(bytes)) return other('bmp');
  if (text.startsWith('\xff\x0a') || text.slice(4, 8) === 'JXL ') return other('jxl');
  if (text.slice(4, 8) === 'jP  ') return other('jp2');
  if (text.startsWith('%PDF')) return other('pdf');
  if (text.startsWith('\x1aE\xdf\xa3') || text.startsWith('RIFF')) return other('video');
  if (/^(\xef\xbb\xbf)?\s*</.test(text) && /<svg|<!DOCTYPE svg/i.test(text)) return other('svg');
  return isText(bytes) ? other('text') : other('unknown');
}

/**
 * True when the file says itself that it should be longer: the two formats whose decoder then only complains about an
 * unknown format.
 */
export function isCutOff(bytes: Uint8Array, format: PictureFormat): boolean {
  if (bytes.length < 12) return true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The RIFF size leaves out the 8 bytes of its own header.
  if (format === 'webp') return view.getUint32(4, true) + 8 > bytes.length;
  if (format !== 'tiff') return false;
  const littleEndian = bytes[0] === 0x49;
  const bigTiff = view.getUint16(2, littleEndian) === 43;
  // Offset of the first directory.
  return !bigTiff && view.getUint32(4, littleEndian) + 2 > bytes.length;
}
