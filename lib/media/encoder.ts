/** What writes a clip: one implementation a file (encode-*.ts), chosen by choose-encoder.ts. */
export interface ClipSpec {
  /** Absolute path to write: a file, or for `png` an existing folder. Not yet the final name (see part-file.ts). */
  readonly path: string;
  readonly format: 'mp4' | 'webm' | 'gif' | 'webp' | 'png';
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB. */
  readonly channels: 1 | 3;
  readonly frames: number;
  /** Frames per second, 1..60. */
  readonly fps: number;
  /** 1..100, 100 the best. */
  readonly quality: number;
  /** For the file's metadata, where format and encoder have a place for it. */
  readonly comment?: string;
  /** A file whose sound goes with the frames; only ffmpeg writes it. */
  readonly sound?: string;
}

export interface ClipEncoder {
  /** As {@link ClipResult} reports it. */
  readonly name: 'ffmpeg' | 'wasm' | 'sharp';
  /** @throws MangaError when it cannot start */
  open(spec: ClipSpec): Promise<OpenClip>;
}

/** A clip being written. Calls do not overlap, except `abort`, which may come at any time. */
export interface OpenClip {
  /**
   * Takes whole frames, [n, height, width, channels] bytes. The caller must not change them afterwards.
   * @returns when the encoder has room for more (back-pressure). @throws when encoding failed or was aborted.
   */
  write(frames: Uint8Array): Promise<void>;
  /** @returns when the file is complete, though not yet flushed to the disk */
  finish(): Promise<void>;
  /** Stops at once; pending calls reject. @returns when nothing is left running (the file may be half written). May be called twice. */
  abort(): Promise<void>;
}
