import type { Handle, PictureSource, Session } from '../session/types.ts';
import type { CameraMove, ClipSettings } from '../settings/settings.ts';
import type { FrameBlock } from './frames.ts';

/** How a photo is to be drawn for a measurement. */
export interface Drawing {
  readonly clip: ClipSettings;
  readonly style?: Handle;
  readonly camera?: readonly CameraMove[];
}

/**
 * Draws a photo once and reads its frames. The photo's arena is closed at the end, whatever happens.
 * @param drawings more than one share the encoder's work; they must agree in canvas and size
 * @throws MangaError of the session
 */
export async function drawFrames(
  session: Session,
  source: PictureSource,
  drawings: readonly Drawing[],
): Promise<FrameBlock[]> {
  const arena = await session.openArena('evaluate');
  try {
    const image = await session.loadPicture(arena, source);
    const content = await session.encode(image, drawings[0]!.clip);
    const blocks: FrameBlock[] = [];
    for (const { clip, style, camera } of drawings) {
      const frames = await session.decode(content, clip, style, camera);
      const { shape, data } = await session.read(frames);
      const [count, height, width, channels] = shape as [number, number, number, 1 | 3];
      blocks.push({ count, height, width, channels, data: data as Uint8Array });
    }
    return blocks;
  } finally {
    await session.closeArena(arena);
  }
}
