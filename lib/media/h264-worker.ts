/**
 * Worker thread of encode-wasm.ts: H.264 in WebAssembly (h264-mp4-encoder: minih264, libmp4v2), one clip at a time.
 * Each message gets exactly one reply.
 */
import { parentPort } from 'node:worker_threads';
import h264, { type H264MP4Encoder } from 'h264-mp4-encoder';
import { finishMp4 } from './mp4-boxes.ts';
import { greyToYuv420, rgbToYuv420, yuv420Length } from './yuv.ts';

export interface H264Spec {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly fps: number;
  /** H.264 quantisation parameter, 10 (best) .. 51. */
  readonly quantizer: number;
}
export type H264Request = { readonly open: H264Spec } | { readonly frames: Uint8Array } | { readonly finish: true };
export type H264Reply = { readonly ok: true } | { readonly file: Uint8Array } | { readonly failed: string };

const port = parentPort!;
let spec: H264Spec;
let encoder: H264MP4Encoder;
let yuv: Uint8Array;

async function open(next: H264Spec): Promise<void> {
  spec = next;
  encoder = await h264.createH264MP4Encoder();
  encoder.width = spec.width;
  encoder.height = spec.height;
  // Only sets the time stamps (finishMp4 makes them exact): the quantiser is constant.
  encoder.frameRate = Math.round(spec.fps);
  encoder.quantizationParameter = spec.quantizer;
  // Fastest. The slowest writes files a sixth smaller at the same quality in three times the time.
  encoder.speed = 10;
  encoder.groupOfPictures = 48;
  encoder.initialize();
  yuv = new Uint8Array(yuv420Length(spec.width, spec.height));
}

function encode(frames: Uint8Array): void {
  const frameBytes = spec.width * spec.height * spec.channels;
  for (let at = 0; at < frames.length; at += frameBytes) {
    const frame = frames.subarray(at, at + frameBytes);
    if (spec.channels === 1) greyToYuv420(frame, yuv);
    else rgbToYuv420(frame, spec.width, spec.height, yuv);
    encoder.addFrameYuv(yuv);
  }
}

function finish(): Uint8Array {
  encoder.finalize();
  const file = encoder.FS.readFile(encoder.outputFilename);
  encoder.FS.unlink(encoder.outputFilename);
  encoder.delete();
  return finishMp4(file, spec.fps);
}

async function answer(request: H264Request): Promise<void> {
  try {
    if ('open' in request) await open(request.open);
    else if ('frames' in request) encode(request.frames);
    else {
      const file = finish();
      port.postMessage({ file } satisfies H264Reply, [file.buffer as ArrayBuffer]);
      return;
    }
    port.postMessage({ ok: true } satisfies H264Reply);
  } catch (error) {
    port.postMessage({ failed: error instanceof Error ? error.message : String(error) } satisfies H264Reply);
  }
}

port.on('message', (request: H264Request) => void answer(request));
