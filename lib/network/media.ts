/**
 * What a checkpoint draws with, and so what its four layers mean:
 *   screentone  line, and where it is at least light, at least dark, and black; tones are printed as dots
 *   pencil      the same fields; tones are hatched
 *   colour      line, and the red, green and blue of flat colours
 */
export const MEDIA = ['screentone', 'pencil', 'colour'] as const;
export type Medium = (typeof MEDIA)[number];
