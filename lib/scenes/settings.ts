/** What a user can set about a scene: node, command line and session validate with this schema. */
import * as z from 'zod';
import { clipSchema } from '../settings/settings.ts';

export const TRANSITIONS = ['cut', 'wipe', 'push', 'page-turn'] as const;
export const LAYOUTS = ['single', 'page', 'rows', 'wide-top', 'tall-first', 'grid'] as const;
export const READING_DIRECTIONS = ['right-to-left', 'left-to-right'] as const;

/** How a page's panels come: all are seen from its first frame and begin to move in turn, or one comes into sight after the other. */
export const ENTRANCES = ['at-once', 'one-by-one'] as const;
/** What a panel does that is over before its page is: its clip goes on, or rests on its last frame. */
export const ENDINGS = ['go-on', 'rest'] as const;

export const sceneSchema = z.object({
  /** Between one panel and the next (layout single), or one page and the next. */
  transition: z.enum(TRANSITIONS).default('wipe'),
  /** Length of a transition, seconds; 0 is a cut. Both sides move on during it. */
  transitionSeconds: z.coerce.number().min(0).max(5).default(0.5),
  /** Reading order; manga reads from right to left. */
  direction: z.enum(READING_DIRECTIONS).default('right-to-left'),
  /** 'single': one panel fills the frame. 'page': pages of 2 to 4 panels, by how many there are. The others: that page. */
  layout: z.enum(LAYOUTS).default('single'),
  /** Thickness of panel borders and the white between panels: 1 the usual, 0 none. */
  border: z.coerce.number().min(0).max(3).default(1),
  /** On a page each panel begins this many seconds after the one before it. */
  stagger: z.coerce.number().min(0).max(5).default(0.4),
  entrance: z.enum(ENTRANCES).default('at-once'),
  ending: z.enum(ENDINGS).default('go-on'),
  /** 'N' (long side) or 'WxH'; empty: as the first panel (single), or 724x1024 (pages). */
  size: z.coerce
    .string()
    .regex(/^(\d{1,5}(x\d{1,5})?)?$/, 'must be empty, a number (long side) or WIDTHxHEIGHT, e.g. 1024 or 724x1024')
    .default(''),
});

export type SceneSettings = z.infer<typeof sceneSchema>;

/** What can be set about a picture that is drawn to be a panel: a clip's settings, but for what its place on the page decides. */
export const panelSchema = clipSchema.omit({ canvas: true, size: true });
