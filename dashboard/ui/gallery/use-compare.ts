import { type Ref, ref, watch } from 'vue';
import type { StillView } from '../../lib/gallery/still.ts';

export interface Compare {
  /** Share of the photo that is uncovered, from the left, percent. 0: the clip alone, and it plays. */
  readonly uncovered: Ref<number>;
  readonly playing: Ref<boolean>;
  /** Follows a finger or the mouse over the picture. */
  drag(event: PointerEvent): void;
  /** The clip alone, or a stop. */
  togglePlay(): void;
  /** The clip's frame has changed its size or was loaded. */
  settle(): void;
}

/** The slider between photo and clip: while any of the photo shows, the clip stands still at the frame that fits it. */
export function useCompare(
  video: Readonly<Ref<HTMLVideoElement | null>>,
  still: () => StillView | undefined,
  key: () => string,
): Compare {
  const uncovered = ref(0);
  const playing = ref(false);

  function settle(): void {
    const element = video.value;
    if (!element || uncovered.value === 0) return;
    element.pause();
    const { frame = 0, frames = 1 } = still() ?? {};
    // The middle of the frame: at its edges browsers differ in which one they show.
    const time = still() ? (element.duration * (frame + 0.5)) / frames : 0;
    if (Number.isFinite(time) && Math.abs(element.currentTime - time) > 1e-3) element.currentTime = time;
  }

  watch(uncovered, (now, before) => {
    if (now > 0) settle();
    else if (before > 0) void video.value?.play().catch(() => undefined);
  });
  watch(key, () => {
    uncovered.value = 0;
  });
  // It is read after the dialog has opened.
  watch(still, settle);

  function drag(event: PointerEvent): void {
    const stage = event.currentTarget as HTMLElement;
    // The other buttons have menus of their own.
    if (event.type === 'pointerdown' && event.button === 0) stage.setPointerCapture(event.pointerId);
    else if (!stage.hasPointerCapture(event.pointerId)) return;
    const { left, width } = stage.getBoundingClientRect();
    uncovered.value = Math.round(100 * Math.min(Math.max((event.clientX - left) / width, 0), 1));
  }

  function togglePlay(): void {
    if (playing.value) video.value?.pause();
    else if (uncovered.value > 0) uncovered.value = 0;
    else void video.value?.play().catch(() => undefined);
  }

  return { uncovered, playing, drag, togglePlay, settle };
}
