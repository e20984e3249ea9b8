/** Help of options that several commands share. */
import { DIRECTIONS, EASINGS, FORMATS, INKS, LOOPS, MODELS, MOTIONS } from '../lib/settings/settings.ts';

/** @param direction option of the motion's direction */
export const motionHelp = (direction = '--direction'): string => `  --motion MOTION       ${MOTIONS.join(', ')}
  ${`${direction} WHERE`.padEnd(22)}${direction.length > 14 ? '\n                        ' : ''}${DIRECTIONS.join(', ')}, or degrees (0 right, 90 up)
  --amount N            strength of the motion, 0 to 2: 1
  --easing EASING       ${EASINGS.join(', ')} (default: ease-in-out)
  --focal auto | X,Y    what zoom, dolly, orbit and lines aim at, fractions of the picture: auto
  --focus-lines N --speed-lines N
                        radial lines round the focal point, lines along the motion, 0 to 1: 0
  --impact N            a hit at a third of the clip, with a shake that dies away, 0 to 1: 0
  --hold N              frames that each drawing is shown, 1 to 3: 1
  --loop LOOP           ${LOOPS.join(', ')}`;

export const styleHelp = `  --ink INK             ${INKS.join(', ')}
  --style PICTURE       a manga page to draw like; give a second one to blend
  --style-strength N    how far the drawing follows the page, 0 to 1: 1
  --style-blend N       share of the second page, 0 to 1: 0.5
  --screen-period N --screen-angle DEGREES --line-weight N`;

/** @param detail the default */
export const detailHelp = (detail = '1.5'): string =>
  `  --detail N            drawn so many times as large and reduced, .5 to 2, for finer strokes: ${detail}`;

export const formatHelp = (fallback: string): string =>
  `  --format FORMAT       ${FORMATS.join(', ')} (default: as --out ends${fallback})`;

export const sessionHelp = `  --encoder ENCODER     auto, ffmpeg, built-in
  --quality N           1 to 100: 80
  --engine ENGINE       auto, onnx, tensorflow, webgpu
  --model NAME | FOLDER ${MODELS.join(', ')}, or the folder of a checkpoint: ink`;
