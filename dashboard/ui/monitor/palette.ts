/** Colours of runs, newest first: told apart on white and on black, contrast to the ground at least 3:1. */
const LIGHT = ['#1768c9', '#c2410c', '#0f766e', '#7c3aed', '#be185d', '#4d7c0f', '#a16207', '#475569'];
const DARK = ['#6cb2ff', '#ff9f66', '#4fd1c0', '#b79bff', '#ff86bd', '#b7d96a', '#f5c451', '#a3b1c6'];

export const colourOf = (index: number, dark: boolean): string => (dark ? DARK : LIGHT)[index % LIGHT.length]!;
