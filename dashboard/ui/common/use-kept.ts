import { type Ref, ref, watch } from 'vue';

/** A viewer's own choices, kept in this browser where it keeps anything. */
export function useKept<V extends object>(key: string, initial: V): Ref<V> {
  const kept = ref(initial) as Ref<V>;
  try {
    kept.value = { ...initial, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<V>) };
  } catch {
    // Storage is forbidden, or holds something else.
  }
  watch(
    kept,
    (value) => {
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // Full or forbidden: the choice holds until the page is closed.
      }
    },
    { deep: true },
  );
  return kept;
}
