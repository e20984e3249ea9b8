/**
 * The same photos to 24 finished frames of 512² in an mp4, decoding and encoding included: this project's way (through a
 * session, drawn once, layers moved) and AnimeGANv2's layer list (each frame through the network), same photos, same
 * threads, same encoder, in turn.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { decodePicture } from '../../lib/media/decode.ts';
import { writeClip } from '../../lib/media/write-clip.ts';
import type { FrameSequence, Pixels } from '../../lib/pipeline/types.ts';
import { animeganGraph } from '../animegan.ts';
import { type Bench, median, round, summarise } from '../bench.ts';
import { Stylizer } from '../stylizer.ts';
import { benchModel, PHOTOS } from '../subjects.ts';

const FRAMES = 24;
const SIDE = 512;
const PLANE = SIDE * SIDE;
/** As the camera of our clips: the crop moves over the photo and narrows by so much. */
const ZOOM = 0.2;

/** What the camera sees of the photo in a frame, cropped and resized to SIDE². */
async function viewOf(picture: Pixels, progress: number): Promise<Uint8Array> {
  const { width, height, data } = picture;
  const side = Math.floor(Math.min(width, height) * (1 - ZOOM * progress));
  const left = Math.floor((width - side) * progress);
  const top = Math.floor((height - side) / 2);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .extract({ left, top, width: side, height: side })
    .resize(SIDE, SIDE)
    .raw()
    .toBuffer();
}

/** A clip whose every frame goes through the network. */
function framewise(session: InferenceSession, picture: Pixels, frames: number): FrameSequence {
  const renderFrame = async (t: number, into: Uint8Array): Promise<void> => {
    const view = await viewOf(picture, t / FRAMES);
    const planes = new Float32Array(3 * PLANE);
    for (let c = 0; c < 3; c++) {
      for (let i = 0; i < PLANE; i++) planes[c * PLANE + i] = view[3 * i + c]! / 127.5 - 1;
    }
    const photo = new Tensor('float32', planes, [1, 3, SIDE, SIDE]);
    const { anime } = await session.run({ photo });
    const drawn = anime!.data as Float32Array;
    for (let c = 0; c < 3; c++) {
      for (let i = 0; i < PLANE; i++) into[3 * i + c] = (drawn[c * PLANE + i]! + 1) * 127.5;
    }
    anime!.dispose();
  };
  return {
    shape: [frames, SIDE, SIDE, 3],
    fps: 12,
    byteLength: picture.data.byteLength,
    dispose: () => {},
    async render(first, count) {
      const bytes = new Uint8Array(count * 3 * PLANE);
      for (let i = 0; i < count; i++) await renderFrame(first + i, bytes.subarray(i * 3 * PLANE, (i + 1) * 3 * PLANE));
      return bytes;
    },
  };
}

export const versusAnimegan: Bench = async ({ quick, scratch, tell }) => {
  const model = await benchModel(scratch);
  const peer = animeganGraph(SIDE);
  const threads = Math.min(availableParallelism(), 8);
  const session = await InferenceSession.create(peer.model, {
    ...{ executionProviders: ['cpu'], graphOptimizationLevel: 'all', logSeverityLevel: 3 },
    ...{ intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const peerFrames = quick ? 2 : FRAMES;
  /** @returns seconds for a clip of FRAMES frames */
  const peerClip = async (photo: string, frames: number): Promise<number> => {
    const start = performance.now();
    const picture = await decodePicture({ path: photo });
    const decoded = performance.now();
    const output = { path: path.join(scratch, 'peer.mp4'), format: 'mp4', encoder: 'built-in', quality: 80 } as const;
    await writeClip(framewise(session, picture, frames), output);
    return (decoded - start + (performance.now() - decoded) * (FRAMES / frames)) / 1000;
  };
  const stylizer = new Stylizer(model.folder, scratch);
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    // Warm-up of both: graphs loaded, encoder threads started.
    await stylizer.stylize(PHOTOS[0]!, `${SIDE}x${SIDE}`, FRAMES, 'built-in');
    await peerClip(PHOTOS[0]!, 1);
    for (const photo of PHOTOS.slice(0, quick ? 1 : 5)) {
      ours.push((await stylizer.stylize(photo, `${SIDE}x${SIDE}`, FRAMES, 'built-in')).wall / 1000);
      theirs.push(await peerClip(photo, peerFrames));
      tell(`a clip: ours ${round(ours.at(-1)!, 2)} s, AnimeGANv2 ${round(theirs.at(-1)!, 1)} s`);
    }
  } finally {
    await stylizer.close();
    await session.release();
  }
  const perSecond = (seconds: readonly number[]) => seconds.map((value) => FRAMES / value);
  return [
    {
      name: 'versus-animegan',
      unit: 'frames/s',
      target: '25 times the baseline',
      ...summarise(perSecond(ours)),
      baseline: { name: 'AnimeGANv2 layer list, frame by frame', ...summarise(perSecond(theirs)) },
      ratio: round(median(theirs) / median(ours), 1),
      details: {
        secondsPerClip: { ours: round(median(ours)), baseline: round(median(theirs)) },
        // Fewer than a clip has: their time was multiplied.
        baselineFramesMeasured: peerFrames,
        baselineParameters: peer.parameters,
        baselineGmac256: round(animeganGraph(256).macs / 1e9, 2),
        threads,
        encoder: 'built-in',
        model: model.name,
      },
    },
  ];
};
