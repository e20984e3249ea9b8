/**
 * E_warp of drawn videos against exact flow: node scripts/video-warp.ts [--steady 0,0.85] [--model NAME] FOLDER...
 *
 * A folder holds frame_0001.png (or .jpg) ..., flow_0001.flo ... (Middlebury: where each pixel of a frame is in the next) and
 * valid_0001.png ... (255 where the flow is known and the point visible in both). E_warp: mean over valid pixels and frames
 * of the squared difference between a drawn frame and the next one brought back, in 0..1 (Lai et al., ECCV 2018); nE: over
 * the variance of the frames. Both are means over the channels.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { findFfmpeg } from '../lib/media/ffmpeg.ts';
import { createPipeline } from '../lib/pipeline/create-pipeline.ts';
import { sample } from '../lib/video/flow/plane.ts';
import { openVideo } from '../lib/video/open-video.ts';
import { videoSchema } from '../lib/video/settings.ts';

const { values, positionals } = parseArgs({
  options: { steady: { type: 'string', default: '0,0.85' }, model: { type: 'string', default: '' } },
  allowPositionals: true,
});
const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Of one channel over all frames. */
function varianceOf(planes: readonly Float32Array[]): number {
  const mean = meanOf(planes.map((plane) => meanOf([...plane])));
  return meanOf(planes.map((plane) => meanOf([...plane].map((v) => (v - mean) ** 2))));
}

const ffmpeg = await findFfmpeg();
if (!ffmpeg.path || positionals.length === 0) throw new Error('Give folders of frames with flow; ffmpeg is needed.');
const work = mkdtempSync(join(tmpdir(), 'video-warp-'));
const pipeline = await createPipeline({ engine: 'onnx', model: values.model });

for (const folder of positionals) {
  const extension = extname(globSync('frame_0001.*', { cwd: folder })[0]!);
  const file = join(work, `${basename(folder)}.mkv`);
  const frames = ['-framerate', '12', '-i', join(folder, `frame_%04d${extension}`)];
  execFileSync(ffmpeg.path, ['-loglevel', 'error', ...frames, '-c:v', 'ffv1', '-pix_fmt', 'bgr0', file]);
  const { width = 0, height = 0 } = await sharp(join(folder, `frame_0001${extension}`)).metadata();
  for (const steady of values.steady.split(',').map(Number)) {
    const settings = videoSchema.parse({ size: `${width}x${height}`, steady });
    const video = await openVideo(file, settings, { pipeline });
    const [count, h, w, channels] = video.shape;
    const bytes = await video.render(0, count);
    video.dispose();
    /** Frames, each a list of channels. */
    const shown = Array.from({ length: count }, (_, t) =>
      Array.from({ length: channels }, (_, c) =>
        Float32Array.from({ length: w * h }, (_, i) => bytes[(t * w * h + i) * channels + c]! / 255),
      ),
    );
    let error = 0;
    for (let t = 0; t + 1 < count; t++) {
      const number = String(t + 1).padStart(4, '0');
      const flo = readFileSync(join(folder, `flow_${number}.flo`));
      const valid = await sharp(join(folder, `valid_${number}.png`))
        .extractChannel(0)
        .raw()
        .toBuffer();
      let [sum, pixels] = [0, 0];
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const i = y * width + x;
          if (valid[i] !== 255) continue;
          const [u, v] = [flo.readFloatLE(12 + 8 * i), flo.readFloatLE(16 + 8 * i)];
          for (let c = 0; c < channels; c++) {
            const next = sample({ width: w, height: h, data: shown[t + 1]![c]! }, x + u, y + v);
            sum += (next - shown[t]![c]![y * w + x]!) ** 2 / channels;
          }
          pixels++;
        }
      }
      error += sum / pixels / (count - 1);
    }
    const variance = meanOf(Array.from({ length: channels }, (_, c) => varianceOf(shown.map((frame) => frame[c]!))));
    const told = `E_warp ${error.toFixed(4)}, contrast ${Math.sqrt(variance).toFixed(3)}, nE ${((100 * error) / variance).toFixed(1)} %`;
    console.log(`${basename(folder)} ${w}x${h}, ${count} frames, steady ${steady}: ${told}`);
  }
}
await pipeline.close();
rmSync(work, { recursive: true });
