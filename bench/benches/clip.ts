/** Photo file to a clip of 24 frames as mp4, end to end through a session, warm: the second clip and later. */
import { findFfmpeg } from '../../lib/media/ffmpeg.ts';
import { type Bench, medians, type Result, summarise } from '../bench.ts';
import { type Encoder, type StylizedClip, Stylizer } from '../stylizer.ts';
import { benchModel, PHOTOS } from '../subjects.ts';

const FRAMES = 24;

function clipBench(label: string, size: string, target: string): Bench {
  return async ({ quick, scratch, tell }) => {
    const model = await benchModel(scratch);
    const encoders: Encoder[] = (await findFfmpeg()).path === undefined ? ['built-in'] : ['built-in', 'ffmpeg'];
    const stylizer = new Stylizer(model.folder, scratch);
    const runs = new Map<Encoder, StylizedClip[]>(encoders.map((encoder) => [encoder, []]));
    let cold = 0;
    try {
      for (const encoder of encoders) {
        const { wall } = await stylizer.stylize(PHOTOS[0]!, size, FRAMES, encoder);
        cold ||= wall;
      }
      const rounds = quick ? 1 : 2;
      for (let i = 0; i < rounds * PHOTOS.length; i++) {
        // In turn, each on the photo after the other's, so that a noisy minute harms both.
        for (const encoder of encoders) {
          const clip = await stylizer.stylize(PHOTOS[i % PHOTOS.length]!, size, FRAMES, encoder);
          runs.get(encoder)!.push(clip);
          tell(`${encoder} ${Math.round(clip.wall)} ms ${JSON.stringify(clip.milliseconds)}`);
        }
        if (quick && i === 1) break;
      }
    } finally {
      await stylizer.close();
    }
    return encoders.map((encoder): Result => {
      const clips = runs.get(encoder)!;
      const { total: _total, ...stages } = medians(clips.map(({ milliseconds }) => milliseconds));
      return {
        name: `${label} ${encoder}`,
        unit: 'ms',
        target,
        ...summarise(clips.map(({ wall }) => wall)),
        details: {
          frames: FRAMES,
          size: `${clips[0]!.width}x${clips[0]!.height}`,
          stages,
          processorMs: medians(clips.map(({ processor }) => ({ processor }))).processor,
          ...(encoder === encoders[0] ? { firstClipOfNewSession: Math.round(cold) } : {}),
          model: model.name,
        },
      };
    });
  };
}

export const clip512 = clipBench('clip-512', '512x512', '1200');
export const clip1080 = clipBench('clip-1080', '1920x1080', '4000');
