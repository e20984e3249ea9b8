/** What is decoded unless other limits are given: width times height, and bytes of the file. */
export const MAX_PIXELS = 100e6;
export const MAX_BYTES = 256e6;
