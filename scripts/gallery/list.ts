/** What the gallery of the docs shows. All photos may be shown freely, and training never saw them. */
import type { ClipSettings } from '../../lib/settings/settings.ts';

export interface Shown {
  /** File name in the folder of photos, without its ending. */
  readonly photo: string;
  /** Licence and source, for the credits. */
  readonly credit: string;
  /** A motion that suits the picture; sway and breathing are for plants, hair and cloth. */
  readonly move: Partial<ClipSettings>;
}

const GETTY = 'CC0 1.0, digital image courtesy of the Getty’s Open Content Program';
const WORDPRESS = 'CC0 1.0, rawpixel, of the WordPress theme Twenty Twenty-Five';
const PIXELS = 'CC0 1.0, of the Coding Environment of IDRC';

/** Every photo is drawn in each of the styles that ship. */
export const PHOTOS: readonly Shown[] = [
  { photo: 'airplane-from-above', credit: GETTY, move: { motion: 'pan', direction: 'right' } },
  { photo: 'allium-oreophilum', credit: GETTY, move: { motion: 'sway' } },
  { photo: 'astronaut', credit: 'public domain, NASA', move: { motion: 'parallax', direction: 'left' } },
  { photo: 'chelsea', credit: 'CC0 1.0, Stéfan van der Walt', move: { motion: 'breathe' } },
  { photo: 'coffee', credit: 'CC0 1.0, Rachel Michetti', move: { motion: 'dolly', direction: 'in' } },
  { photo: 'french-alpine-landscape', credit: GETTY, move: { motion: 'pan', direction: 'left' } },
  {
    photo: 'mountain',
    credit: 'public domain, 18F (US government work)',
    move: { motion: 'parallax', direction: 'right' },
  },
  { photo: 'leaning-tower-of-pisa', credit: `${PIXELS}, Petr Kratochvil`, move: { motion: 'zoom', direction: 'out' } },
  { photo: 'nagasaki-boats', credit: GETTY, move: { motion: 'orbit' } },
  { photo: 'rocket', credit: 'public domain, SpaceX', move: { motion: 'pan', direction: 'up' } },
  {
    photo: 'spacex-81773',
    credit: 'CC0 1.0, SpaceX on Unsplash before June 2017',
    move: { motion: 'dolly', direction: 'in' },
  },
  { photo: 'tower-sunset', credit: `${PIXELS}, Romain Guy`, move: { motion: 'zoom', direction: 'in' } },
  { photo: 'tt5-star-thristle-flower', credit: WORDPRESS, move: { motion: 'sway' } },
];

/** Motions that come back by themselves; the others run there and back. */
const LOOPING: readonly unknown[] = ['sway', 'breathe', 'orbit', 'shake'];

export const loopOf = ({ motion }: Partial<ClipSettings>): ClipSettings['loop'] =>
  LOOPING.includes(motion) ? 'seamless' : 'ping-pong';

export interface Extra {
  readonly title: string;
  /** What is to be seen, and how it was asked for. */
  readonly told: string;
  /** Names of photos; a scene takes several. */
  readonly photos: readonly string[];
  readonly settings: Partial<ClipSettings>;
  readonly kind?: 'scene' | 'video' | 'style';
}

/** Things beside styles and motions, one clip each in *ink*. */
export const EXTRAS: readonly Extra[] = [
  {
    title: 'auto',
    told: 'the seed chooses the motion: `--motion auto --seed 5`',
    photos: ['nagasaki-boats'],
    settings: { motion: 'auto', seed: 5 },
  },
  {
    title: 'focus-lines',
    told: 'lines round the focal point: `--motion zoom --focus-lines 0.7`',
    photos: ['chelsea'],
    settings: { motion: 'zoom', direction: 'in', focusLines: 0.7, loop: 'none' },
  },
  {
    title: 'speed-lines',
    told: 'lines along the motion: `--motion pan --speed-lines 0.7`',
    photos: ['rocket'],
    settings: { motion: 'pan', direction: 'up', speedLines: 0.7, loop: 'none' },
  },
  {
    title: 'impact',
    told: 'a hit, and a shake that dies away: `--impact 1`',
    photos: ['spacex-81773'],
    settings: { motion: 'zoom', direction: 'in', impact: 1, loop: 'none' },
  },
  {
    title: 'on-twos',
    told: 'each drawing is shown for two frames: `--hold 2`',
    photos: ['allium-oreophilum'],
    settings: { motion: 'sway', hold: 2 },
  },
  {
    title: 'style-page',
    told: 'drawn like a page: `--style samples/pages/bold.png`',
    photos: ['coffee'],
    settings: { motion: 'dolly', direction: 'in' },
    kind: 'style',
  },
  {
    title: 'scene',
    told: 'a page of three panels: `motion-manga scene … --layout page`',
    photos: ['nagasaki-boats', 'chelsea', 'tower-sunset'],
    settings: { motion: 'pan', direction: 'left', loop: 'ping-pong' },
    kind: 'scene',
  },
  {
    title: 'video',
    told: 'a video, drawn: `motion-manga video samples/videos/nagasaki.webp`',
    photos: [],
    settings: {},
    kind: 'video',
  },
];
