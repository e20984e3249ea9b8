import type { FrameSequence } from '../pipeline/types.ts';

/**
 * A sequence that is made of other things of the session, which stay alive until it is disposed of, even when their own
 * arenas close before.
 * @param frames what it shows; its own memory counts, not that of what it is made of
 * @param release lets the other things go
 */
export function holding(frames: FrameSequence, release: () => void): FrameSequence {
  const { shape, fps, sound, byteLength } = frames;
  return {
    ...{ shape, fps, sound, byteLength },
    render: (first, count, signal) => frames.render(first, count, signal),
    dispose: () => {
      frames.dispose();
      release();
    },
  };
}

/** A second owner's view of a sequence: no memory of its own. */
export function viewOf(frames: FrameSequence): FrameSequence {
  return { ...renderedBy(frames, (first, count, signal) => frames.render(first, count, signal)), byteLength: 0 };
}

/** A view of a sequence whose frames are rendered by `render`; it owns nothing. */
export function renderedBy(frames: FrameSequence, render: FrameSequence['render']): FrameSequence {
  const { shape, fps, sound, still, byteLength } = frames;
  return { shape, fps, sound, still, byteLength, render, dispose: () => {} };
}
