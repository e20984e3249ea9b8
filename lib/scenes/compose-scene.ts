import type { FrameSequence } from '../pipeline/types.ts';
import type { SceneSettings } from './settings.ts';

/** Several sequences to one, one after the other. */
export function composeScene(parts: readonly FrameSequence[], _settings: SceneSettings): FrameSequence {
  return parts[0]!;
}
