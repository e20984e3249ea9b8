import path from 'node:path';

/** Control characters that JSON.stringify leaves in, and marks that reorder text on a terminal or in the editor. */
const unprintable = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text in quotes on one line: newlines, quotes, escape sequences and text-direction marks are written as escapes. */
export function printable(text: string): string {
  return JSON.stringify(text).replace(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A file's base name for messages: {@link printable}, emoji and letters of any script stay, long names are cut in the
 * middle.
 * @returns at most 82 characters plus escapes
 */
export function printableName(file: string): string {
  const characters = Array.from(path.basename(file) || file);
  if (characters.length <= 80) return printable(characters.join(''));
  return printable([...characters.slice(0, 52), '…', ...characters.slice(-27)].join(''));
}
