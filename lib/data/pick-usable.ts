import type { Random } from '../random.ts';

/**
 * A random entry that can be used; from an unusable one on, the next in the list that can.
 * @param load null: unusable
 * @returns null when none is usable
 */
export async function pickUsable<E, V>(
  random: Random,
  list: readonly E[],
  load: (entry: E) => Promise<V | null>,
): Promise<{ entry: E; value: V } | null> {
  const first = random.int(list.length);
  for (let i = 0; i < list.length; i++) {
    const entry = list[(first + i) % list.length]!;
    const value = await load(entry);
    if (value !== null) return { entry, value };
  }
  return null;
}
