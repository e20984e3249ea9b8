import {
  BEND,
  BEND_RATE,
  PHASE,
  STROKE_GAIN,
  STROKE_INK,
  STROKES,
  type StrokeSet,
  SWELL_RATE,
  WASH,
} from '../../network/blocks/print-pencil.ts';
import { arch } from './sampling.ts';
import type { Tone } from './toned.ts';

/** Strokes and wash, as in network/blocks/print-pencil.ts. @param gain the scalar screenGain */
export function pencilTone(gain: number): Tone {
  const sharp = gain * STROKE_GAIN;
  const stroke = ({ across, along, width, swell }: StrokeSet, u: number, v: number): number => {
    const x = across[0] * u + across[1] * v;
    const y = along[0] * u + along[1] * v;
    const cell = Math.floor(x + 0.5);
    const phase = PHASE * cell;
    const half = width + swell * arch(SWELL_RATE * y + phase);
    const away = Math.abs(x - cell - BEND * arch(BEND_RATE * y + phase));
    return Math.min(Math.max((half - away) * sharp + 0.5, 0), 1);
  };
  return (light, dark, black, u, v) => {
    let clear = 1 - (WASH[0] * light + WASH[1] * dark + WASH[2] * black);
    if (light > 0) clear *= 1 - STROKE_INK * light * stroke(STROKES[0], u, v);
    if (dark > 0) clear *= 1 - STROKE_INK * dark * stroke(STROKES[1], u, v);
    if (black > 0) clear *= 1 - STROKE_INK * black * stroke(STROKES[2], u, v);
    return 1 - clear;
  };
}
