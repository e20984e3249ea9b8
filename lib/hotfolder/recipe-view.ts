/** How a job's clip was made, as viewers see it: from its sidecar, without paths of this machine. */
import { basename } from 'node:path';
import { modelFolder } from '../checkpoint/shipped.ts';
import type { JobKey } from '../ledger/types.ts';
import { readStillView, type StillView } from '../motion/still-view.ts';
import { MODELS } from '../settings/settings.ts';
import { modelIdentity } from './model-identity.ts';
import type { Sidecar } from './sidecar.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Settings of drawing and writing that say what a clip looks like. */
const SHOWN = [
  ...(['motion', 'direction', 'amount', 'easing', 'focal', 'seed', 'frames', 'fps', 'loop', 'hold'] as const),
  ...(['size', 'canvas', 'detail', 'ink', 'screenPeriod', 'screenAngle', 'lineWeight'] as const),
  ...(['focusLines', 'speedLines', 'impact', 'format', 'quality'] as const),
] as const;
const OF_STYLE = ['styleStrength', 'styleBlend'] as const;
/** Nodes whose settings these are. */
const MAKERS = new Set(['manga-encoder', 'manga-tcn-decoder', 'manga-stylize', 'manga-clip', 'manga-video']);
/** Values that are as they stand; of others the place they come from is told. */
const TYPED = new Set([undefined, 'str', 'num', 'bool', 'choice']);

export interface RecipeView {
  /** Of this package. */
  readonly version?: string;
  /** Name of the checkpoint, where it is one that ships. */
  readonly model?: string;
  /** sha256 of the checkpoint's weights, base64url; several, where several sessions took part. */
  readonly modelHash?: string;
  readonly key?: JobKey;
  readonly settings: Readonly<Record<string, string>>;
  readonly still?: StillView;
}

function settingOf(node: Settings, name: string): string | undefined {
  const value = node[name];
  if (!['string', 'number', 'boolean'].includes(typeof value) || value === '') return undefined;
  const type = node[`${name}Type`] as string | undefined;
  return TYPED.has(type) ? String(value) : `${type}.${value}`;
}

/** The page whose style it has: the name of its file, or where the flow takes it from. */
function styleOf(nodes: readonly Settings[]): string | undefined {
  const drawing = nodes.find(({ style }) => typeof style === 'string' && style !== '');
  if (!drawing) return undefined;
  const style = settingOf(drawing, 'style')!;
  if (drawing.styleType === 'str') return basename(style.replaceAll('\\', '/'));
  // The form offers msg.style; only a node before can have put something there.
  return nodes.some(({ type }) => !MAKERS.has(String(type))) ? style : undefined;
}

/** The name of a shipped checkpoint by its hash. */
async function nameOf(hash: string): Promise<string | undefined> {
  for (const name of MODELS) if (hash !== '' && (await modelIdentity(modelFolder(name))) === hash) return name;
  return undefined;
}

/** What a sidecar tells. Those of other versions may tell less. */
export async function recipeView({ recipe, key, still }: Sidecar): Promise<RecipeView> {
  const nodes = (Array.isArray(recipe?.settings) ? recipe.settings : []).map((node) => Object(node) as Settings);
  const makers = nodes.filter(({ type }) => MAKERS.has(String(type)));
  const style = styleOf(nodes);
  const settings: Record<string, string> = {};
  for (const name of style === undefined ? SHOWN : [...SHOWN, ...OF_STYLE]) {
    const value = makers.map((node) => settingOf(node, name)).find((each) => each !== undefined);
    if (value !== undefined) settings[name] = value;
  }
  if (style !== undefined) settings.style = style;
  const chosen = makers
    .map((node) => settingOf(node, 'model'))
    .find((each) => each !== undefined && each !== 'session');
  return {
    version: recipe?.version || undefined,
    model: chosen ?? (await nameOf(recipe?.model ?? '')),
    modelHash: chosen === undefined ? recipe?.model || undefined : undefined,
    key,
    settings,
    still: readStillView(still),
  };
}
