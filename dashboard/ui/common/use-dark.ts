import { onMounted, onUnmounted, type Ref, ref } from 'vue';

/** Whether the group behind an element is dark, by its colour: a theme of Dashboard is a set of colours, not a mode. */
export function useDark(root: Ref<HTMLElement | null>): Ref<boolean> {
  const dark = ref(false);
  const look = (): void => {
    const value = root.value && getComputedStyle(root.value).getPropertyValue('--v-theme-group-background');
    const [r = 255, g = 255, b = 255] = (value || '').split(',').map(Number);
    dark.value = 0.299 * r + 0.587 * g + 0.114 * b < 128;
  };
  // Vuetify writes its theme's colours into a style element.
  const observer = new MutationObserver(look);
  onMounted(() => {
    look();
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
  });
  onUnmounted(() => observer.disconnect());
  return dark;
}
