import { MangaError } from '../errors/manga-error.ts';
import type { FrameSequence } from '../pipeline/types.ts';
import { composeScene } from '../scenes/compose-scene.ts';
import { panelSizes } from '../scenes/panel-sizes.ts';
import { sceneSchema } from '../scenes/settings.ts';
import type { FeatureExtractor } from './features/feature-extractor.ts';
import { cropsOfPages } from './page-crops.ts';
import { type Picture, toGrey } from './picture.ts';
import { type StyleStatistics, setDistance, styleStatistics } from './set-distance.ts';
import { CROP, type Photo, type Subject } from './subject.ts';

/*
 * A manga page is panels, and much of what a crop of it shows is their borders and the white between them. So drawings are
 * compared with pages as pages, too: laid out as scenes are.
 */

/** As large as scanned pages usually are: open-mantra's and Manga109's (827 x 1170). */
const LAYOUT = sceneSchema.parse({ layout: 'page', size: '830x1170', transition: 'cut', stagger: 0 });
/** Fewer photos are less than one page of four panels. */
const LEAST_PANELS = 4;

/** The same picture, always. */
function still({ width, height, channels, data }: Picture): FrameSequence {
  return {
    shape: [1, height, width, channels],
    fps: 1,
    byteLength: data.byteLength,
    render: async () => data,
    dispose: () => undefined,
  };
}

/** Every photo drawn to fill its panel, on pages of 2 to 4 panels, in order. @returns grey pages; null when a drawing is missing */
export async function drawnPages(subject: Subject, photos: readonly Photo[]): Promise<Picture[] | null> {
  const panels: FrameSequence[] = [];
  for (const [i, size] of panelSizes(photos.length, LAYOUT)!.entries()) {
    const [width, height] = size.split('x').map(Number) as [number, number];
    const panel = await subject.panel(photos[i]!, { width, height });
    if (!panel) return null;
    panels.push(still(toGrey(panel)));
  }
  const scene = composeScene(panels, LAYOUT);
  const [frames, height, width] = scene.shape;
  const pages: Picture[] = [];
  for (let t = 0; t < frames; t++) pages.push({ width, height, channels: 1, data: await scene.render(t, 1) });
  return pages;
}

/**
 * Set distance of a subject's drawings as pages: 60 crops of {@link drawnPages}, taken as those of real pages are.
 * @returns null with fewer than {@link LEAST_PANELS} (4) photos, without drawings, and when hardly anything is drawn
 */
export async function pageDistance(
  subject: Subject,
  photos: readonly Photo[],
  network: FeatureExtractor,
  pages: StyleStatistics,
): Promise<number | null> {
  const drawn = photos.length < LEAST_PANELS ? null : await drawnPages(subject, photos);
  if (!drawn) return null;
  try {
    return setDistance(await styleStatistics(network, cropsOfPages(subject.name, drawn, { size: CROP })), pages);
  } catch (error) {
    if (error instanceof MangaError && error.code === 'BAD_INPUT') return null;
    throw error;
  }
}
