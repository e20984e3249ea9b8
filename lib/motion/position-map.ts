import type { TensorData } from '../engines/engine.ts';
import type { Size } from './geometry.ts';

/**
 * Where each quarter-scale cell lies in the picture: (x,y), -1..1 from edge to edge.
 * @param whole size of the picture in pixels @param tensor size of the (padded or cropped) tensor, multiples of 4
 * @param origin the tensor's first pixel in the picture
 * @returns [1,height/4,width/4,2]
 */
export function positionMap(whole: Size, tensor: Size, origin: { x: number; y: number } = { x: 0, y: 0 }): TensorData {
  const width = tensor.width / 4;
  const height = tensor.height / 4;
  const data = new Float32Array(height * width * 2);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[i++] = (2 * (origin.x + 4 * x + 2)) / whole.width - 1;
      data[i++] = (2 * (origin.y + 4 * y + 2)) / whole.height - 1;
    }
  }
  return { shape: [1, height, width, 2], dtype: 'float32', data };
}
