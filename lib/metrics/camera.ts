import type { CameraMove } from '../settings/settings.ts';
import type { Box } from './picture.ts';

/** A dense map: where each pixel of one frame lies in another, in that frame's pixels (x right, y down, 0 = first centre). */
export interface Correspondence {
  readonly width: number;
  readonly height: number;
  /** [height, width] each */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

type Size = Pick<Box, 'width' | 'height'>;

/**
 * Where the canvas points that frame `from` shows lie in frame `to`: exact, since both are views of one flat drawing
 * (CameraMove: canvas point = R(rotation)·p/zoom + pan·canvas, p from the frame's centre).
 * @param canvas in output pixels at zoom 1
 */
export function cameraCorrespondence(from: CameraMove, to: CameraMove, frame: Size, canvas: Size): Correspondence {
  const { width, height } = frame;
  const cosFrom = Math.cos(from.rotation) / from.zoom;
  const sinFrom = Math.sin(from.rotation) / from.zoom;
  const cosTo = Math.cos(to.rotation) * to.zoom;
  const sinTo = Math.sin(to.rotation) * to.zoom;
  const panX = (from.panX - to.panX) * canvas.width;
  const panY = (from.panY - to.panY) * canvas.height;
  const x = new Float32Array(width * height);
  const y = new Float32Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    const dy = row - (height - 1) / 2;
    for (let column = 0; column < width; column++, i++) {
      const dx = column - (width - 1) / 2;
      const canvasX = cosFrom * dx - sinFrom * dy + panX;
      const canvasY = sinFrom * dx + cosFrom * dy + panY;
      x[i] = cosTo * canvasX + sinTo * canvasY + (width - 1) / 2;
      y[i] = -sinTo * canvasX + cosTo * canvasY + (height - 1) / 2;
    }
  }
  return { width, height, x, y };
}
