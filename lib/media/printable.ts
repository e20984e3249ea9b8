import path from 'node:path';

/** Control characters that JSON.stringify leaves in, and marks that reorder text on a terminal or in the editor. */
const unprintable = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A file's base name in quotes for messages: newlines, quotes, escape sequences and text-direction marks are written as
 * escapes, emoji and letters of any script stay, long names are cut in the middle.
 * @returns at most 82 characters plus escapes
 */
export function printableName(file: string): string {
  const characters = Array.from(path.basename(file) || file);
  const short =
    characters.length > 80 ? [...characters.slice(0, 52), '…', ...characters.slice(-27)].join('') : characters.join('');
  return JSON.stringify(short).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
