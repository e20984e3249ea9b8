import { testPalette } from './support/palette.ts';

testPalette(24);
