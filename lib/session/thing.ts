import type { Content, FrameSequence, Pixels, Style } from '../pipeline/types.ts';
import type { DrawSettings } from '../settings/settings.ts';

/** What a handle refers to. */
export type Thing =
  | { readonly kind: 'image'; readonly pixels: Pixels }
  /** `clipBytes`: what content and the frames decoded from it are expected to hold. */
  | {
      readonly kind: 'content';
      readonly content: Content;
      readonly model: DrawSettings['model'];
      readonly clipBytes: number;
    }
  | { readonly kind: 'style'; readonly style: Style }
  | { readonly kind: 'frames'; readonly frames: FrameSequence };
