/**
 * Finishes the MP4 files of h264-mp4-encoder (libmp4v2), box layout after ISO/IEC 14496-12:
 * the index (`moov`) moves in front of the data, so that players start before the whole file is there; the time of
 * writing is cleared, so that the same frames give the same bytes; the frame duration becomes exact, as the encoder knows
 * whole frame rates only.
 */
interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function boxes(view: DataView, start: number, end: number): Box[] {
  const found: Box[] = [];
  for (let at = start; at + 8 <= end; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > end) throw new Error(`box of ${size} bytes at ${at} of ${end}`);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    found.push({ type, start: at, end: at + size });
    at += size;
  }
  return found;
}

function child(view: DataView, parent: Box, type: string): Box {
  const found = boxes(view, parent.start + 8, parent.end).find((box) => box.type === type);
  if (!found) throw new Error(`no ${type} box`);
  return found;
}

/** Clears creation and modification time of a version 0 header box and sets its duration. */
function stamp(view: DataView, box: Box, durationAt: number, duration: number): void {
  view.setUint32(box.start + 12, 0);
  view.setUint32(box.start + 16, 0);
  view.setUint32(box.start + durationAt, duration);
}

/**
 * @param file as the encoder left it: one video track, version 0 boxes, 32-bit chunk offsets
 * @param fps exact frames per second
 * @returns the finished file
 */
export function finishMp4(file: Uint8Array, fps: number): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const top = boxes(view, 0, file.length);
  const [ftyp, moov, mdat] = ['ftyp', 'moov', 'mdat'].map((type) => top.find((box) => box.type === type));
  if (!ftyp || !moov || !mdat) throw new Error('ftyp, moov or mdat is missing');
  const mvhd = child(view, moov, 'mvhd');
  const trak = child(view, moov, 'trak');
  const mdia = child(view, trak, 'mdia');
  const mdhd = child(view, mdia, 'mdhd');
  const stbl = child(view, child(view, mdia, 'minf'), 'stbl');
  const stts = child(view, stbl, 'stts');
  const stco = child(view, stbl, 'stco');

  const timescale = view.getUint32(mdhd.start + 20);
  const frameDuration = Math.round(timescale / fps);
  let frames = 0;
  for (let i = 0; i < view.getUint32(stts.start + 12); i++) {
    frames += view.getUint32(stts.start + 16 + i * 8);
    view.setUint32(stts.start + 20 + i * 8, frameDuration);
  }
  const duration = frames * frameDuration;
  stamp(view, mdhd, 24, duration);
  const movieDuration = Math.round((duration * view.getUint32(mvhd.start + 20)) / timescale);
  stamp(view, mvhd, 24, movieDuration);
  stamp(view, child(view, trak, 'tkhd'), 28, movieDuration);

  const head = ftyp.end - ftyp.start;
  const index = moov.end - moov.start;
  const shift = head + index - mdat.start;
  for (let i = 0; i < view.getUint32(stco.start + 12); i++) {
    const at = stco.start + 16 + i * 4;
    view.setUint32(at, view.getUint32(at) + shift);
  }
  const finished = new Uint8Array(head + index + mdat.end - mdat.start);
  finished.set(file.subarray(ftyp.start, ftyp.end), 0);
  finished.set(file.subarray(moov.start, moov.end), head);
  finished.set(file.subarray(mdat.start, mdat.end), head + index);
  return finished;
}
