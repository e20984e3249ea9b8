/**
 * E_warp of drawn videos against measured flow: node scripts/video-warp.ts [--steady 0,0.85] [--detail 1] [--model NAME]... FOLDER...
 *
 * A folder holds frame_0001.png (or .jpg) ..., flow_0001.flo ... (Middlebury: where each pixel of a frame is in the next) and
 * valid_0001.png ... (255 where the flow is known and the point visible in both): made sequences, and real ones whose flow was
 * measured, like motorcycle-gt (a stereo pair: two frames, of which the second is carried from the first). Measures as in lib/metrics: E_warp
 * of frames next to each other, nE over the variance of grey. --model may be given more than once: ink, pencil, webtoon, or folders.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { findFfmpeg } from '../lib/media/ffmpeg.ts';
import { measuredCorrespondence, readFlo } from '../lib/metrics/measured-flow.ts';
import { temporalMetrics } from '../lib/metrics/temporal.ts';
import { createPipeline } from '../lib/pipeline/create-pipeline.ts';
import type { PictureToClip } from '../lib/pipeline/types.ts';
import { openVideo } from '../lib/video/open-video.ts';
import { type VideoSettings, videoSchema } from '../lib/video/settings.ts';

const { values, positionals } = parseArgs({
  options: {
    steady: { type: 'string', default: '0,0.85' },
    detail: { type: 'string', default: '1' },
    model: { type: 'string', multiple: true, default: ['ink'] },
  },
  allowPositionals: true,
});

/** Of even sides, as videos have them: a last odd row or column is cut off. */
async function writeVideo(ffmpeg: string, folder: string, file: string): Promise<{ width: number; height: number }> {
  const extension = extname(globSync('frame_0001.*', { cwd: folder })[0]!);
  const { width, height } = await sharp(join(folder, `frame_0001${extension}`)).metadata();
  const even = { width: width - (width % 2), height: height - (height % 2) };
  const frames = ['-framerate', '12', '-i', join(folder, `frame_%04d${extension}`)];
  const cut = ['-vf', `crop=${even.width}:${even.height}:0:0`];
  execFileSync(ffmpeg, ['-loglevel', 'error', ...frames, ...cut, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', file]);
  return even;
}

async function measure(folder: string, file: string, settings: VideoSettings, pipeline: PictureToClip) {
  const video = await openVideo(file, settings, { pipeline });
  const [count, height, width, channels] = video.shape;
  const data = await video.render(0, count);
  video.dispose();
  const known = await Promise.all(
    Array.from({ length: count - 1 }, async (_, t) => {
      const number = String(t + 1).padStart(4, '0');
      const flow = join(folder, `flow_${number}.flo`);
      const valid = sharp(join(folder, `valid_${number}.png`)).extractChannel(0);
      return measuredCorrespondence(readFlo(readFileSync(flow), flow), await valid.raw().toBuffer(), { width, height });
    }),
  );
  return temporalMetrics({ count, height, width, channels: channels as 1 | 3, data }, (t, interval) => {
    // Flow is measured from each frame to the next alone.
    if (interval !== 1) return { ...known[t]!, mask: new Uint8Array(width * height) };
    return known[t]!;
  });
}

const ffmpeg = await findFfmpeg();
if (!ffmpeg.path || positionals.length === 0) throw new Error('Give folders of frames with flow; ffmpeg is needed.');
const work = mkdtempSync(join(tmpdir(), 'video-warp-'));
for (const model of values.model) {
  const pipeline = await createPipeline({ engine: 'onnx', model });
  for (const folder of positionals) {
    const file = join(work, `${basename(model)}-${basename(folder)}.mkv`);
    const { width, height } = await writeVideo(ffmpeg.path, folder, file);
    for (const steady of values.steady.split(',').map(Number)) {
      const settings = videoSchema.parse({ size: `${width}x${height}`, steady, detail: values.detail });
      const { eWarp1, nE, contrast, motion } = await measure(folder, file, settings, pipeline);
      const told = `E_warp ${eWarp1!.toFixed(4)}, contrast ${contrast.toFixed(3)}, nE ${(100 * (nE ?? 0)).toFixed(1)} %`;
      const where = `${basename(model)}, ${basename(folder)} ${width}x${height}, ${motion!.toFixed(1)} px a frame`;
      console.log(`${where}, steady ${steady}: ${told}`);
    }
  }
  await pipeline.close();
}
rmSync(work, { recursive: true });
