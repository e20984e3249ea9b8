/** Pictures and clips that travel through Redis: keys of their own, which expire by themselves. */

/** Two days: longer than any queue should be. */
export const VALUE_SECONDS = 2 * 24 * 3600;

export const pictureKey = (prefix: string, id: string): string => `${prefix}:picture:${id}`;
export const clipKey = (prefix: string, id: string): string => `${prefix}:clip:${id}`;
