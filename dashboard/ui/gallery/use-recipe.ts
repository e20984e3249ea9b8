import { computed, type Ref, ref, watch } from 'vue';
import { readStill, type StillView } from '../../lib/gallery/still.ts';
import { dayAndTime } from '../common/format.ts';
import { TEXTS, type TextKey, t } from '../locale/texts.ts';
import type { Item } from './types.ts';

/** What the hot folder answers of how a clip was made (docs/hot-folder.md). */
interface Made {
  readonly version?: string;
  readonly model?: string;
  readonly modelHash?: string;
  readonly key?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly still?: unknown;
}

/** First characters of a hash, enough to tell two checkpoints apart. */
const HASH = 10;

export interface ShownRecipe {
  /** Label and value. */
  readonly rows: Readonly<Ref<readonly (readonly [string, string])[]>>;
  readonly json: () => string;
  readonly still: Readonly<Ref<StillView | undefined>>;
}

/** A setting in the viewer's language, where it is a word. */
function word(kind: 'motion' | 'ink', value: string | undefined): string | undefined {
  const key = `${kind}.${value}`;
  return key in TEXTS['en-US'] ? t(key as TextKey) : value;
}

/** How a clip was made: what its message told, and what its sidecar holds. */
export function useRecipe(item: () => Item): ShownRecipe {
  const made = ref<Made>({});

  watch(
    () => item().recipeUrl,
    async (url) => {
      made.value = {};
      if (!url) return;
      try {
        const response = await fetch(url, { cache: 'no-cache' });
        const found = response.ok ? ((await response.json()) as Made) : {};
        // Another clip may have been opened meanwhile.
        if (item().recipeUrl === url) made.value = found;
      } catch {
        // What the message told remains.
      }
    },
    { immediate: true },
  );

  const rows = computed(() => {
    const { name, at, milliseconds, bytes, recipe } = item();
    const { version, model, modelHash, settings = {} } = made.value;
    const { width, height, format = settings.format, encoder } = recipe ?? {};
    const [frames, fps] = [recipe?.frames ?? settings.frames, recipe?.fps ?? settings.fps];
    const whole = width && height && frames && fps && format;
    const found: (readonly [string, string | number | undefined | false])[] = [
      [t('recipe.file'), name],
      [t('recipe.drawn'), dayAndTime(at)],
      [t('recipe.took'), milliseconds && t('recipe.seconds', { seconds: (milliseconds / 1000).toFixed(1) })],
      [t('recipe.photo'), bytes && `${(bytes / 1e6).toFixed(1)} MB`],
      [
        t('recipe.clip'),
        whole
          ? t('recipe.clip-detail', { width, height, frames, fps, format })
          : frames && fps && format && t('recipe.clip-short', { frames, fps, format }),
      ],
      [t('recipe.encoder'), encoder],
      [t('recipe.model'), model ?? (modelHash && `${modelHash.slice(0, HASH)}…`)],
      [t('recipe.style'), settings.style],
      [t('recipe.motion'), word('motion', settings.motion)],
      [t('recipe.seed'), settings.seed],
      [t('recipe.ink'), word('ink', settings.ink)],
      [t('recipe.detail'), settings.detail],
      [t('recipe.version'), version],
    ];
    return found.filter((row): row is readonly [string, string] => Boolean(row[1]));
  });

  const json = (): string => {
    const { name, at, milliseconds, recipe } = item();
    const { still: _still, ...rest } = made.value;
    return JSON.stringify({ name, at: new Date(at).toISOString(), milliseconds, ...recipe, ...rest }, null, 2);
  };

  return { rows, json, still: computed(() => readStill(made.value.still) ?? item().still) };
}
