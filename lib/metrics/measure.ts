import { clipMetrics } from './clip-metrics.ts';
import { contentDistance } from './content-distance.ts';
import { photoCrop } from './crops.ts';
import { diversity } from './diversity.ts';
import { pageDistance } from './drawn-pages.ts';
import type { FeatureExtractor } from './features/feature-extractor.ts';
import type { FrameBlock } from './frames.ts';
import { type KernelDistance, kernelDistance } from './kid.ts';
import type { Picture } from './picture.ts';
import { type StyleStatistics, setDistance, styleStatistics } from './set-distance.ts';
import type { Photo, Subject } from './subject.ts';
import { meanTemporal, type TemporalMetrics } from './temporal.ts';

/** All measures of one photo; null where the subject has nothing to measure. */
export interface PhotoMeasures {
  readonly photo: string;
  readonly contentDistance: number | null;
  readonly diversity: number | null;
  readonly moves: Readonly<Record<string, TemporalMetrics>>;
}

export interface Measures {
  readonly subject: string;
  readonly drawn: boolean;
  readonly setDistance: number | null;
  /** The same of the drawings laid out as pages; null without pages, and with too few photos. */
  readonly pageDistance: number | null;
  /** Null without pages, and with too few pictures on either side. */
  readonly kernelDistance: KernelDistance | null;
  readonly contentDistance: number | null;
  readonly diversity: number | null;
  /** Means over photos and moves; null without clips. */
  readonly temporal: TemporalMetrics | null;
  readonly moves: Readonly<Record<string, TemporalMetrics>>;
  readonly photos: readonly PhotoMeasures[];
}

/** Sees what was measured, for the report's contact sheets. */
export type Witness = (
  photo: Photo,
  seen: { drawing: Picture | null; clips: Readonly<Record<string, FrameBlock>> },
) => Promise<void> | void;

/**
 * Measures a subject on photos.
 * @param pages what the drawings' texture is compared with; null: no set distance
 * @param progress called before each photo
 */
export async function measure(
  subject: Subject,
  photos: readonly Photo[],
  network: FeatureExtractor,
  pages: StyleStatistics | null,
  { progress, witness }: { progress?: (done: number, photo: Photo) => void; witness?: Witness } = {},
): Promise<Measures> {
  const rows: PhotoMeasures[] = [];
  const drawings: Picture[] = [];
  for (const [index, photo] of photos.entries()) {
    progress?.(index, photo);
    const drawing = await subject.drawing(photo);
    if (drawing) drawings.push(drawing);
    const content = drawing && (await contentOf(network, photo, drawing));
    const moves: Record<string, TemporalMetrics> = {};
    const clips: Record<string, FrameBlock> = {};
    for (const { move, frames, correspond } of await subject.clips(photo)) {
      moves[move] = clipMetrics(frames, correspond);
      clips[move] = frames;
    }
    const seeds = await subject.seeds(photo);
    const spread = seeds.length > 1 ? await diversity(network, seeds) : null;
    rows.push({ photo: photo.name, contentDistance: content, diversity: spread, moves });
    await witness?.(photo, { drawing, clips });
  }
  const moves = [...new Set(rows.flatMap((row) => Object.keys(row.moves)))];
  const clipsOf = (move: string) => rows.map((row) => row.moves[move]).filter((clip) => clip !== undefined);
  const all = moves.flatMap(clipsOf);
  const texture = pages && drawings.length > 0 ? await styleStatistics(network, drawings) : null;
  return {
    subject: subject.name,
    drawn: subject.drawn,
    setDistance: texture && pages && setDistance(texture, pages),
    pageDistance: pages && (await pageDistance(subject, photos, network, pages)),
    kernelDistance: texture && pages && kernelDistance(texture, pages),
    contentDistance: mean(rows.map((row) => row.contentDistance)),
    diversity: mean(rows.map((row) => row.diversity)),
    temporal: all.length > 0 ? meanTemporal(all) : null,
    moves: Object.fromEntries(moves.map((move) => [move, meanTemporal(clipsOf(move))])),
    photos: rows,
  };
}

async function contentOf(network: FeatureExtractor, photo: Photo, drawing: Picture): Promise<number> {
  const [a, b] = [await network.extract(await photoCrop(photo)), await network.extract(drawing)];
  return contentDistance(a.at(-1)!, b.at(-1)!);
}

function mean(values: readonly (number | null)[]): number | null {
  const given = values.filter((value) => value !== null);
  return given.length > 0 ? given.reduce((sum, value) => sum + value, 0) / given.length : null;
}
