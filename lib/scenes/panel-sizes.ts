import { layOut, sceneSize } from './layout.ts';
import { boxOf } from './polygon.ts';
import type { SceneSettings } from './settings.ts';

/**
 * The sizes at which pictures should be drawn to fill their panels, 'WxH' each.
 * @returns undefined when the first picture's shape decides: layout single without width and height
 */
export function panelSizes(panels: number, settings: SceneSettings): string[] | undefined {
  if (settings.layout === 'single' && !settings.size.includes('x')) return undefined;
  return layOut(panels, sceneSize(settings), settings)
    .flat()
    .map((polygon) => {
      const { width, height } = boxOf(polygon);
      return `${width}x${height}`;
    });
}
