/**
 * Bilinear enlargement of one axis as a matrix, half-pixel centres, edges clamped: `out = M · in`.
 * @returns [factor*size, size], row-major
 */
export function enlargeMatrix(size: number, factor: number): Float32Array {
  const rows = size * factor;
  const matrix = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const at = Math.min(Math.max((row + 0.5) / factor - 0.5, 0), size - 1);
    const low = Math.floor(at);
    const high = Math.min(low + 1, size - 1);
    matrix[row * size + low]! += 1 - (at - low);
    matrix[row * size + high]! += at - low;
  }
  return matrix;
}

/** One-hot filter [2,2,C,4C] that makes conv2dTranspose(stride 2) a pixel shuffle with channel order (dy*2+dx)*C+c. */
export function shuffleFilter(channels: number): Float32Array {
  const filter = new Float32Array(2 * 2 * channels * 4 * channels);
  for (let block = 0; block < 4; block++) {
    for (let c = 0; c < channels; c++) filter[(block * channels + c) * 4 * channels + block * channels + c] = 1;
  }
  return filter;
}
