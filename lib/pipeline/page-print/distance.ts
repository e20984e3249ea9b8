/** Chamfer distances of 3 and 4 thirds of a pixel (Borgefors 1986): round enough, and two passes. */
const [STRAIGHT, DIAGONAL] = [3, 4];
const FAR = 0xffff;

/**
 * How far each pixel is from the nearest one that is outside. What lies beyond the border is not outside: a page's edge makes
 * nothing thinner.
 * @param inside [height,width], 0 outside @returns thirds of a pixel, 0 outside
 */
export function distanceWithin(inside: Uint8Array, width: number, height: number): Uint16Array {
  const out = new Uint16Array(inside.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!inside[i]) continue;
      let least = FAR;
      if (x > 0) least = Math.min(least, out[i - 1]! + STRAIGHT);
      if (y > 0) {
        least = Math.min(least, out[i - width]! + STRAIGHT);
        if (x > 0) least = Math.min(least, out[i - width - 1]! + DIAGONAL);
        if (x + 1 < width) least = Math.min(least, out[i - width + 1]! + DIAGONAL);
      }
      out[i] = least;
    }
  }
  for (let y = height - 1, i = out.length - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--, i--) {
      let least = out[i]!;
      if (least === 0) continue;
      if (x + 1 < width) least = Math.min(least, out[i + 1]! + STRAIGHT);
      if (y + 1 < height) {
        least = Math.min(least, out[i + width]! + STRAIGHT);
        if (x > 0) least = Math.min(least, out[i + width - 1]! + DIAGONAL);
        if (x + 1 < width) least = Math.min(least, out[i + width + 1]! + DIAGONAL);
      }
      out[i] = least;
    }
  }
  return out;
}

/** What of a mask a disc of this radius fits into (morphological opening). @param radius pixels @returns 1 there */
export function opened(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const reach = radius * STRAIGHT;
  const within = distanceWithin(mask, width, height);
  const around = new Uint8Array(mask.length);
  for (let i = 0; i < around.length; i++) around[i] = within[i]! > reach ? 0 : 1;
  const away = distanceWithin(around, width, height);
  for (let i = 0; i < around.length; i++) around[i] = mask[i] && away[i]! <= reach ? 1 : 0;
  return around;
}
