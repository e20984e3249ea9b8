/** In-place radix-2 transform of complex numbers (Cooley and Tukey 1965). @param cos, sin of 2 pi k / n, k < n / 2 */
function transform(re: Float64Array, im: Float64Array, cos: Float64Array, sin: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const [x, y] = [re[i]!, im[i]!];
    re[i] = re[j]!;
    im[i] = im[j]!;
    re[j] = x;
    im[j] = y;
  }
  for (let half = 1; half < n; half *= 2) {
    const stride = n / 2 / half;
    for (let k = 0; k < half; k++) {
      const c = cos[k * stride]!;
      const s = sin[k * stride]!;
      for (let a = k; a < n; a += 2 * half) {
        const b = a + half;
        const x = re[b]! * c + im[b]! * s;
        const y = im[b]! * c - re[b]! * s;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a]! += x;
        im[a]! += y;
      }
    }
  }
}

/**
 * Power of a square's frequencies.
 * @param values [side,side] @param side a power of 2
 * @returns [side,side], row ky, column kx: kx / side cycles a pixel to the right, ky / side downwards, negative ones from the end
 */
export function powerSpectrum(values: Float64Array, side: number): Float64Array {
  const angle = (_: unknown, k: number): number => (2 * Math.PI * k) / side;
  const cos = Float64Array.from({ length: side / 2 }, angle).map(Math.cos);
  const sin = Float64Array.from({ length: side / 2 }, angle).map(Math.sin);
  const re = Float64Array.from(values);
  const im = new Float64Array(side * side);
  for (let y = 0; y < side; y++) {
    transform(re.subarray(y * side, (y + 1) * side), im.subarray(y * side, (y + 1) * side), cos, sin);
  }
  const [columnRe, columnIm] = [new Float64Array(side), new Float64Array(side)];
  const power = new Float64Array(side * side);
  for (let x = 0; x < side; x++) {
    for (let y = 0; y < side; y++) {
      columnRe[y] = re[y * side + x]!;
      columnIm[y] = im[y * side + x]!;
    }
    transform(columnRe, columnIm, cos, sin);
    for (let y = 0; y < side; y++) power[y * side + x] = columnRe[y]! ** 2 + columnIm[y]! ** 2;
  }
  return power;
}
