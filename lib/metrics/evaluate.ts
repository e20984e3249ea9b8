import type { ClipSettings } from '../settings/settings.ts';
import type { FeatureExtractor } from './features/feature-extractor.ts';
import { type Measures, measure, type Witness } from './measure.ts';
import { listTitles, pageCrops } from './page-crops.ts';
import { pool, type StyleStatistics, setDistance, styleStatistics } from './set-distance.ts';
import { CROP, type Photo, type Subject } from './subject.ts';

export interface TitleRow {
  readonly name: string;
  readonly pages: number;
  /** Set distance of this title's crops to those of all others: what a real title has. Null when there is one title. */
  readonly toOthers: number | null;
}

export interface PageSet {
  readonly folder: string;
  readonly crops: number;
  readonly titles: readonly TitleRow[];
}

/** The result of `motion-manga evaluate`. Plain JSON. */
export interface Evaluation {
  readonly format: 'motion-manga-evaluation-1';
  readonly features: { readonly name: string; readonly layers: readonly string[] };
  /** Whether points were followed by a known camera or by estimated optical flow. */
  readonly correspondences: 'camera' | 'estimated';
  /** How the clips were drawn. */
  readonly settings: ClipSettings;
  readonly photos: readonly string[];
  readonly pages: PageSet | null;
  readonly subjects: readonly Measures[];
}

/** Statistics of a folder of pages, and how far its titles are from each other. @throws MangaError as listTitles and pageCrops */
export async function pageStatistics(
  network: FeatureExtractor,
  folder: string,
): Promise<{ statistics: StyleStatistics; pages: PageSet }> {
  const titles = await listTitles(folder);
  const sets: StyleStatistics[] = [];
  for (const title of titles) sets.push(await styleStatistics(network, pageCrops(title, { size: CROP })));
  const rows = titles.map(({ name, files }, i) => {
    const others = sets.filter((_, other) => other !== i);
    const toOthers = others.length > 0 ? setDistance(sets[i]!, pool(others)) : null;
    return { name, pages: files.length, toOthers };
  });
  const statistics = pool(sets);
  return { statistics, pages: { folder, crops: statistics.pictures, titles: rows } };
}

export interface EvaluateInput {
  readonly correspondences: Evaluation['correspondences'];
  readonly settings: ClipSettings;
  readonly network: FeatureExtractor;
  readonly subjects: readonly Subject[];
  readonly photos: readonly Photo[];
  /** Folder of manga pages; null: no set distance. */
  readonly pages: string | null;
  readonly tell?: (line: string) => void;
  /** Photos that subjects which draw are done with, of how many; the photos themselves take no time. */
  readonly progress?: (done: number, of: number) => void;
  readonly witness?: (subject: string) => Witness;
}

/** Measures every subject on the same photos, against the same pages. @throws MangaError of what fails first */
export async function evaluate(input: EvaluateInput): Promise<Evaluation> {
  const { network, subjects, photos, tell, witness } = input;
  const drawing = subjects.filter(({ drawn }) => drawn);
  const all = drawing.length * photos.length;
  if (input.pages !== null) tell?.(`Looking at the pages of ${input.pages}.`);
  const style = input.pages === null ? null : await pageStatistics(network, input.pages);
  const measured: Measures[] = [];
  for (const subject of subjects) {
    const progress = (done: number, photo: Photo): void => {
      tell?.(`${subject.name}: ${photo.name} (${done + 1} of ${photos.length})`);
      const before = subject.drawn ? drawing.indexOf(subject) * photos.length + done : all;
      input.progress?.(before, all);
    };
    const options = { progress, witness: subject.drawn ? witness?.(subject.name) : undefined };
    measured.push(await measure(subject, photos, network, style?.statistics ?? null, options));
  }
  return {
    format: 'motion-manga-evaluation-1',
    features: { name: network.name, layers: network.layers },
    correspondences: input.correspondences,
    settings: input.settings,
    photos: photos.map(({ name }) => name),
    pages: style?.pages ?? null,
    subjects: measured,
  };
}
