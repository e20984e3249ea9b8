import sharp from 'sharp';
import { clipMetrics } from '../clip-metrics.ts';
import { middle } from '../crops.ts';
import { pageStatistics } from '../evaluate.ts';
import type { FeatureExtractor } from '../features/feature-extractor.ts';
import { loadFeatureFile } from '../features/onnx-file.ts';
import { loadSmallFeatures } from '../features/small.ts';
import { type FrameBlock, frameOf } from '../frames.ts';
import { type KernelDistance, kernelDistance, LEAST_PICTURES } from '../kid.ts';
import { readFrames } from '../peer-subject.ts';
import { cropTo, type Picture } from '../picture.ts';
import { type StyleStatistics, setDistance, styleStatistics } from '../set-distance.ts';
import { drawnSize } from '../subject.ts';
import type { TemporalMetrics } from '../temporal.ts';

/** What is to be measured. Plain JSON. */
export interface ClipQuestion {
  /** Absolute paths of the frames, in playing order. */
  readonly files: readonly string[];
  /** Folder of manga pages; '' leaves the set distance out. */
  readonly pages: string;
  /** ONNX feature network; '' takes the small one of this package. */
  readonly features: string;
}

/** What was measured. Plain JSON. */
export interface ClipReport {
  readonly format: 'motion-manga-metrics-1';
  /** Frames measured: at most the first {@link MOST_FRAMES}. */
  readonly frames: number;
  /** Size measured at: long side at most {@link MOST_PIXELS}. */
  readonly width: number;
  readonly height: number;
  readonly correspondences: 'estimated';
  readonly temporal: TemporalMetrics;
  /** Of the first frame's middle; null without pages. */
  readonly setDistance: number | null;
  /** Of the middles of all frames; null without pages, and with too few frames. */
  readonly kernelDistance: KernelDistance | null;
  /** The feature network that the set distance is of. */
  readonly features: string | null;
}

export const MOST_FRAMES = 32;
export const MOST_PIXELS = 512;

/** Measures clips; keeps what it has seen of pages. Not safe for use after `close`. */
export class ClipMeter {
  readonly #networks = new Map<string, Promise<FeatureExtractor>>();
  readonly #styles = new Map<string, Promise<StyleStatistics>>();

  /** @throws MangaError BAD_INPUT when frames differ in size or a picture is damaged; IO; as pageStatistics */
  async measure({ files, pages, features }: ClipQuestion): Promise<ClipReport> {
    const frames = await reduce(await readFrames(files.slice(0, MOST_FRAMES)));
    const temporal = clipMetrics(frames, null);
    const { count, width, height } = frames;
    const measured = { frames: count, width, height, correspondences: 'estimated', temporal } as const;
    const format = 'motion-manga-metrics-1';
    if (pages === '') return { format, ...measured, setDistance: null, kernelDistance: null, features: null };
    const network = await this.#network(features);
    const style = await this.#style(network, features, pages);
    const first = await styleStatistics(network, crops(frames, 1));
    const all = count < LEAST_PICTURES ? null : await styleStatistics(network, crops(frames, count));
    return {
      format,
      ...measured,
      setDistance: setDistance(first, style),
      kernelDistance: all && kernelDistance(all, style),
      features: network.name,
    };
  }

  async close(): Promise<void> {
    for (const network of this.#networks.values()) await (await network).close();
  }

  #network(file: string): Promise<FeatureExtractor> {
    return once(this.#networks, file, () => (file === '' ? loadSmallFeatures() : loadFeatureFile(file)));
  }

  #style(network: FeatureExtractor, file: string, pages: string): Promise<StyleStatistics> {
    return once(
      this.#styles,
      JSON.stringify([file, pages]),
      async () => (await pageStatistics(network, pages)).statistics,
    );
  }
}

/** A failure is not kept: the file may be there next time. */
function once<R>(kept: Map<string, Promise<R>>, key: string, make: () => Promise<R>): Promise<R> {
  const known = kept.get(key);
  if (known) return known;
  const made = make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  return made;
}

async function* crops(frames: FrameBlock, count: number): AsyncGenerator<Picture> {
  for (let t = 0; t < count; t++) yield crop(frameOf(frames, t));
}

async function crop(frame: Picture): Promise<Picture> {
  const { width, height } = drawnSize(frame);
  return middle(await cropTo(frame, { left: 0, top: 0, width: frame.width, height: frame.height }, width, height));
}

async function reduce(frames: FrameBlock): Promise<FrameBlock> {
  const scale = MOST_PIXELS / Math.max(frames.width, frames.height);
  if (scale >= 1) return frames;
  const width = Math.round(frames.width * scale);
  const height = Math.round(frames.height * scale);
  const size = width * height * frames.channels;
  const data = new Uint8Array(frames.count * size);
  for (let t = 0; t < frames.count; t++) {
    const { data: pixels, ...raw } = frameOf(frames, t);
    const sized = sharp(pixels, { raw }).resize(width, height, { fit: 'fill' });
    data.set(await sized.raw().toBuffer(), t * size);
  }
  return { ...frames, width, height, data };
}
