import type { CameraMove } from '../settings/settings.ts';
import type { Picture } from './picture.ts';

/** Catmull-Rom cubic (a = -.5): weights of the four samples around a point, the point `t` after the second. */
function cubic(t: number): readonly [number, number, number, number] {
  return [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ];
}

/**
 * What a camera sees of a flat picture (CameraMove: canvas point = R(rotation)·p/zoom + pan·canvas, p from the frame's
 * centre), cubic interpolation, edges repeated.
 * @param canvas one of its pixels is one frame pixel at zoom 1
 */
export function warpPicture(canvas: Picture, camera: CameraMove, width: number, height: number): Picture {
  const { channels } = canvas;
  const cos = Math.cos(camera.rotation) / camera.zoom;
  const sin = Math.sin(camera.rotation) / camera.zoom;
  const centreX = camera.panX * canvas.width + (canvas.width - 1) / 2;
  const centreY = camera.panY * canvas.height + (canvas.height - 1) / 2;
  const data = new Uint8Array(width * height * channels);
  const clampX = (x: number) => Math.min(Math.max(x, 0), canvas.width - 1);
  const clampY = (y: number) => Math.min(Math.max(y, 0), canvas.height - 1);
  for (let row = 0, i = 0; row < height; row++) {
    const dy = row - (height - 1) / 2;
    for (let column = 0; column < width; column++, i++) {
      const dx = column - (width - 1) / 2;
      const x = cos * dx - sin * dy + centreX;
      const y = sin * dx + cos * dy + centreY;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const across = cubic(x - left);
      const down = cubic(y - top);
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let v = 0; v < 4; v++) {
          const line = clampY(top - 1 + v) * canvas.width;
          for (let u = 0; u < 4; u++) {
            sum += down[v]! * across[u]! * canvas.data[(line + clampX(left - 1 + u)) * channels + c]!;
          }
        }
        data[i * channels + c] = Math.min(255, Math.max(0, Math.round(sum)));
      }
    }
  }
  return { width, height, channels, data };
}
