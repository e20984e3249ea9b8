/** The flow that is soaked: the hot-folder example, as small as a clip can be. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { around, catcher, node } from '../../tests/runtime/support/flow.ts';
import type { FlowNode } from '../../tests/runtime/support/runtime.ts';
import type { Home } from './home.ts';

export const CLIP_ENDING = '.webp';

export interface FlowOptions {
  /** Quiet time before a file is taken. */
  readonly settleMs: number;
  readonly maxInFlight: number;
}

export function soakFlow({ settleMs, maxInFlight }: FlowOptions): FlowNode[] {
  const hot = { inbox: 'inbox', settle: String(settleMs / 1000), maxInFlight: String(maxInFlight), timeout: '60' };
  const clip = { folder: 'outbox', file: 'manga.outName', fileType: 'msg', format: 'webp', encoder: 'built-in' };
  return [
    ...around(
      node('hot', 'manga-hot-folder', ['stylize'], hot),
      node('stylize', 'manga-stylize', ['clip'], { size: '32', frames: '1' }),
      node('clip', 'manga-clip', ['hot'], clip),
    ).filter(({ type }) => type !== 'catch' && type !== 'debug'),
    catcher(['hot']),
  ];
}

export function writeFlow(home: Home, options: FlowOptions): void {
  writeFileSync(join(home.path, 'flows.json'), JSON.stringify(soakFlow(options)));
}
