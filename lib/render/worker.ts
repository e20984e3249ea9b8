/** Thread of the farm: decodes and draws one photo a message. */
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { toWire, type WireError } from '../errors/manga-error.ts';
import { motionTargets } from './depth.ts';
import { drawPhoto } from './draw.ts';
import { packDrawnPhoto } from './drawn-photo.ts';
import { decodePhoto } from './photo.ts';
import type { DrawingStyle } from './style.ts';

export interface DrawTask {
  /** The photo file's bytes. */
  readonly content: Uint8Array;
  readonly longSide: number;
  readonly styles: readonly DrawingStyle[];
}

export type DrawReply = { readonly packed: Uint8Array } | { readonly error: WireError };

// Each thread of the farm is one core's work already.
sharp.concurrency(1);

parentPort?.on('message', async (task: DrawTask) => {
  let reply: DrawReply;
  try {
    const rgb = await decodePhoto(task.content, task.longSide);
    const drawings = drawPhoto(rgb, task.styles);
    const targets = motionTargets(rgb);
    const packed = await packDrawnPhoto({ width: rgb.width, height: rgb.height, rgb: rgb.data, drawings, targets });
    reply = { packed };
  } catch (error) {
    reply = { error: toWire(error) };
  }
  parentPort?.postMessage(reply);
});
