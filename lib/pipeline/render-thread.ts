/** Thread of the render crew: keeps one scene, and renders the frames that it is asked for. */
import { parentPort } from 'node:worker_threads';
import { toWire, type WireError } from '../errors/manga-error.ts';
import { type FrameScene, renderFrame } from './frame-scene.ts';

export type RenderRequest = { readonly scene: FrameScene } | { readonly frame: number };
export type RenderReply = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly error: WireError };

let scene: FrameScene | undefined;

parentPort?.on('message', (request: RenderRequest) => {
  if ('scene' in request) {
    scene = request.scene;
    return;
  }
  try {
    const bytes = renderFrame(scene!, request.frame) as Uint8Array<ArrayBuffer>;
    parentPort?.postMessage({ bytes } satisfies RenderReply, [bytes.buffer]);
  } catch (error) {
    parentPort?.postMessage({ error: toWire(error) } satisfies RenderReply);
  }
});
