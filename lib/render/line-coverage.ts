/** Softness of the stored line edge, px: the profile is that of a mask blurred with this sigma. */
const edgeSigma = 0.8;
/** Beyond this distance from a contour the profile is 0 or 1, px. */
const reach = 3;

/**
 * Turns {field > threshold} into a smooth coverage field: Phi(signed distance / .8 px), 255 deep inside a line, 128 on
 * its contour, 0 outside. That is what blurring the mask with sigma .8 gives at a straight edge, but unlike a blur it
 * keeps lines thinner than the blur: thresholding at 128 gives back the line, at any enlargement.
 *
 * Distances are exact to a fraction of a pixel: contour points are found by linear interpolation between neighbouring
 * pixels (as in marching squares), and each is taken for a short piece of line along the contour.
 * @param grow px added to the signed distance: widens every line by twice as much
 */
export function lineCoverage(
  field: Float32Array,
  width: number,
  height: number,
  threshold: number,
  grow: number,
): Uint8Array {
  const n = width * height;
  const distance = new Float32Array(n).fill(reach);
  const splat = (cx: number, cy: number, x: number, y: number) => {
    // Normal of the contour: gradient of the field there, by differences over two pixels.
    const at = y * width + x;
    const left = x > 0 ? at - 1 : at;
    const right = x < width - 1 ? at + 1 : at;
    const up = y > 0 ? at - width : at;
    const down = y < height - 1 ? at + width : at;
    let nx = field[right] - field[left];
    let ny = field[down] - field[up];
    const length = Math.sqrt(nx * nx + ny * ny);
    if (length > 0) {
      nx /= length;
      ny /= length;
    }
    const x1 = Math.min(width - 1, Math.floor(cx + reach));
    const y1 = Math.min(height - 1, Math.floor(cy + reach));
    for (let py = Math.max(0, Math.ceil(cy - reach)); py <= y1; py++) {
      for (let px = Math.max(0, Math.ceil(cx - reach)); px <= x1; px++) {
        const dx = px - cx;
        const dy = py - cy;
        const across = dx * nx + dy * ny;
        const along = Math.max(0, Math.abs(dx * ny - dy * nx) - 0.5);
        const d = length > 0 ? across * across + along * along : dx * dx + dy * dy;
        const p = py * width + px;
        if (d < distance[p] * distance[p]) distance[p] = Math.sqrt(d);
      }
    }
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const here = field[at] - threshold;
      if (x < width - 1) {
        const next = field[at + 1] - threshold;
        if (here > 0 !== next > 0) splat(x + here / (here - next), y, Math.abs(here) < Math.abs(next) ? x : x + 1, y);
      }
      if (y < height - 1) {
        const next = field[at + width] - threshold;
        if (here > 0 !== next > 0) splat(x, y + here / (here - next), x, Math.abs(here) < Math.abs(next) ? y : y + 1);
      }
    }
  }
  const out = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const signed = (field[i] > threshold ? distance[i] : -distance[i]) + grow;
    // Logistic approximation of the normal distribution function (Bowling 2009), within .01.
    out[i] = signed <= grow - reach ? 0 : Math.round(255 / (1 + Math.exp((-1.702 * signed) / edgeSigma)));
  }
  return out;
}
