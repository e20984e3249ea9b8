import type { Random } from '../../lib/random.ts';
import type { Sample } from './pictures.ts';

/** A file that is made, not damaged. */
export interface Crafted {
  readonly kind: string;
  readonly extension: string;
  /** Whether it can be decoded: undefined where the decoder may choose. */
  readonly good?: boolean;
  make(random: Random, sample: (kind: string) => Sample): Buffer;
}
