/** Photo to clip through a session, as the command line and the nodes do it. */
import path from 'node:path';
import { type DrawnPhoto, drawPhoto } from '../cli/draw-photo.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { clipSchema, type OutputSettings } from '../lib/settings/settings.ts';
import { round } from './bench.ts';
import { processorTime } from './processor-time.ts';

export type Encoder = 'ffmpeg' | 'built-in';

export interface StylizedClip extends DrawnPhoto {
  /** From the call until the file is there. */
  readonly wall: number;
  /** Of the session's process and its ffmpeg; NaN where the system does not tell. */
  readonly processor: number;
}

export class Stylizer {
  readonly host: SessionHost;
  readonly #scratch: string;
  #count = 0;

  constructor(model: string, scratch: string) {
    this.host = new SessionHost(sessionSchema.parse({ id: 'bench', engine: 'onnx', model, idleSeconds: 600 }));
    this.#scratch = scratch;
  }

  async stylize(photo: string, size: string, frames: number, encoder: Encoder): Promise<StylizedClip> {
    const output: Omit<OutputSettings, 'path'> = { format: 'mp4', encoder, quality: 80 };
    const drawing = { clip: clipSchema.parse({ size, frames }), output, style: undefined, camera: undefined };
    const file = path.join(this.#scratch, `clip-${this.#count++}.mp4`);
    const { pid } = await this.host.stats();
    const before = processorTime(pid);
    const start = performance.now();
    const drawn = await drawPhoto(this.host, photo, file, drawing, new AbortController().signal);
    const wall = performance.now() - start;
    return { ...drawn, wall: round(wall), processor: processorTime(pid) - before };
  }

  close(): Promise<void> {
    return this.host.shutdown();
  }
}
