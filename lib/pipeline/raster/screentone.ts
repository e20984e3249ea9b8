import { SCREEN_OFFSET, SCREEN_THRESHOLD } from '../../network/blocks/print-screentone.ts';
import { arch } from './sampling.ts';
import type { Tone } from './toned.ts';

/** Dots, as in network/blocks/print-screentone.ts. @param gain the scalar screenGain */
export function screenTone(gain: number): Tone {
  return (light, dark, black, u, v) => {
    const threshold = SCREEN_THRESHOLD[0] * light + SCREEN_THRESHOLD[1] * dark + SCREEN_THRESHOLD[2] * black;
    if (threshold <= 0) return 0;
    const offset = SCREEN_OFFSET[0] * light + SCREEN_OFFSET[1] * dark + SCREEN_OFFSET[2] * black;
    const distance = 0.5 - 0.25 * (arch(u) + arch(v));
    return Math.min(Math.max((threshold - distance) * gain + offset, 0), 1);
  };
}
