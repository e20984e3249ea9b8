import { enUS } from './en-US.ts';
import { ja } from './ja.ts';
import { zhCN } from './zh-CN.ts';

export type TextKey = keyof typeof enUS;
export type Texts = Readonly<Record<TextKey, string>>;

/** Every text that the widgets show, by language. */
export const TEXTS: Readonly<Record<'en-US' | 'zh-CN' | 'ja', Texts>> = { 'en-US': enUS, 'zh-CN': zhCN, ja };

/** @param wanted languages of the browser, best first */
export function choose(wanted: readonly string[]): keyof typeof TEXTS {
  for (const tag of wanted) {
    const [primary] = tag.toLowerCase().split('-');
    if (primary === 'en') return 'en-US';
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'ja') return 'ja';
  }
  return 'en-US';
}

export const language = choose(globalThis.navigator?.languages ?? []);

/** A text in the viewer's language; {name} stands for a value. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
