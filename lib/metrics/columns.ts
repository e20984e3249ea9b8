import type { Measures } from './measure.ts';

/** A column of result tables: the same in the terminal and the report. */
export interface Column {
  readonly title: string;
  /** What it is and where it comes from, in a sentence or two. */
  readonly definition: string;
  readonly better: 'less' | 'more' | null;
  readonly value: (row: Measures) => number | null;
  /** For people. */
  readonly show: (value: number, row: Measures) => string;
}

const fixed = (places: number) => (value: number) => value.toFixed(places);
const percent = (value: number) => `${(100 * value).toFixed(2)} %`;

export const COLUMNS: readonly Column[] = [
  {
    title: 'set distance',
    definition:
      'Texture against the pages: mean over the layers of the feature network of |mean Gram of the drawings - mean Gram of the pages|₁ / |mean Gram of the pages|₁. Drawings: the middle 256² of the photo drawn 512 wide. Pages: 60 random crops a title, side .3 to .5 of the page, at 256². Gram matrices: Gatys et al. 2016.',
    better: 'less',
    value: (row) => row.setDistance,
    show: fixed(3),
  },
  {
    title: 'as pages',
    definition:
      'Set distance of the drawings laid out as pages of 2 to 4 panels with borders, 830 x 1170, as scenes lay them out: 60 crops, taken as those of the pages are. From 4 photos on.',
    better: 'less',
    value: (row) => row.pageDistance,
    show: fixed(3),
  },
  {
    title: 'KID',
    definition:
      'Pooled features against those of the pages: unbiased squared maximum mean discrepancy under the kernel (x·y/d + 1)³, mean ± standard deviation over random subsets, n drawings (after KID, Bińkowski et al. 2018; features of the deepest layer). From 20 drawings on.',
    better: 'less',
    value: (row) => row.kernelDistance?.mean ?? null,
    show: (value, { kernelDistance }) =>
      `${value.toFixed(3)} ± ${kernelDistance!.sd.toFixed(3)} (n ${kernelDistance!.outputs})`,
  },
  {
    title: 'content',
    definition:
      'Content distance: mean difference of the deepest layer of photo and drawing, channels scaled to length 1 at each place (after LPIPS, Zhang et al. 2018).',
    better: 'less',
    value: (row) => row.contentDistance,
    show: fixed(4),
  },
  {
    title: 'E_warp 1',
    definition:
      'Mean squared difference of a frame and the next one warped onto it, over points seen in both, pixels in 0..1 (Lai et al., ECCV 2018).',
    better: 'less',
    value: (row) => row.temporal?.eWarp1 ?? null,
    show: fixed(5),
  },
  {
    title: 'E_warp 10',
    definition: 'The same, ten frames apart.',
    better: 'less',
    value: (row) => row.temporal?.eWarp10 ?? null,
    show: fixed(5),
  },
  {
    title: 'RMSE 1',
    definition:
      'Mean root of the same error, frames next to each other (ReReVST, Wang et al. 2020; CCPL, Wu et al. 2022).',
    better: 'less',
    value: (row) => row.temporal?.rmse1 ?? null,
    show: fixed(4),
  },
  {
    title: 'RMSE 10',
    definition: 'The same, ten frames apart.',
    better: 'less',
    value: (row) => row.temporal?.rmse10 ?? null,
    show: fixed(4),
  },
  {
    title: 'nE',
    definition: 'E_warp 1 over the variance of grey: stillness that is not bought with grey mush.',
    better: 'less',
    value: (row) => row.temporal?.nE ?? null,
    show: percent,
  },
  {
    title: 'contrast',
    definition: 'Standard deviation of grey, 0..1.',
    better: null,
    value: (row) => row.temporal?.contrast ?? null,
    show: fixed(3),
  },
  {
    title: 'motion',
    definition: 'Mean length of the flow from a frame to the next, pixels.',
    better: null,
    value: (row) => row.temporal?.motion ?? null,
    show: (value) => `${value.toFixed(2)} px`,
  },
  {
    title: 'diversity',
    definition:
      'Mean content distance between clips of one photo that differ in their seed, at the same time (after the mean pairwise LPIPS of BicycleGAN, Zhu et al. 2017).',
    better: 'more',
    value: (row) => row.diversity,
    show: fixed(4),
  },
];
