/** What workers must know of the flow behind a hot folder: read from its nodes, as workers have no Node-RED. */
import { MangaError } from '../errors/manga-error.ts';
import type { FlowNodeConfig } from '../hotfolder/flow-recipe.ts';
import type { Existing } from '../hotfolder/output-path.ts';
import { clipSchema, outputSchema, parseSettings } from '../settings/settings.ts';
import type { DrawRecipe } from './types.ts';

export interface FlowDrawing {
  readonly recipe: DrawRecipe;
  /** Of the clip node, as typed. */
  readonly folder: string;
  readonly existing: Existing;
  /** Id of the clip node. */
  readonly clipNode: string;
}

/** They do not change what a clip looks like, or say it elsewhere. */
const PASSED_OVER = new Set([
  ...['manga-image', 'manga-encoder', 'manga-preview', 'manga-hot-folder', 'manga-session'],
  ...['link in', 'link out', 'link call', 'debug', 'comment', 'catch', 'status', 'complete', 'junction'],
]);
/** Types of a typedInput whose value stands in the node. */
const PLAIN_TYPES = new Set(['str', 'num', 'bool', 'choice']);

const refuse = (what: string, hint: string): MangaError =>
  new MangaError('BAD_SETTING', `The flow cannot be drawn by workers: ${what}.`, hint);

function nodesBehind(nodes: Iterable<FlowNodeConfig>, from: string): FlowNodeConfig[] {
  const all = new Map([...nodes].map((node) => [node.id, node]));
  const seen = new Set([from]);
  const found: FlowNodeConfig[] = [];
  const queue = [...(all.get(from)?.wires?.[0] ?? [])];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const node = all.get(id);
    if (!node || seen.has(id) || node.d) continue;
    seen.add(id);
    found.push(node);
    queue.push(...(node.wires ?? []).flat(), ...(node.type === 'link out' ? (node.links ?? []) : []));
  }
  return found;
}

function onlyOne(nodes: readonly FlowNodeConfig[], types: readonly string[]): FlowNodeConfig {
  const found = nodes.filter(({ type }) => types.includes(type));
  if (found.length === 1) return found[0]!;
  throw refuse(
    `it has ${found.length} nodes of the type ${types.join(' or ')}`,
    'Wire exactly one behind the hot folder.',
  );
}

/** Settings of a node, as its schema takes them: blank fields are left to the defaults. */
function plainSettings(node: FlowNodeConfig, keys: readonly string[]): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const key of keys) {
    const type = node[`${key}Type`];
    if (node[key] === undefined || node[key] === '') continue;
    if (typeof type === 'string' && !PLAIN_TYPES.has(type))
      throw refuse(`${key} of the node ${node.type} comes from ${type}`, 'Set a plain value there.');
    settings[key] = node[key];
  }
  return settings;
}

/**
 * @param nodes of all flows @param from id of the hot folder; its first output is followed
 * @throws MangaError BAD_SETTING naming the node that workers cannot stand in for, or the setting that is wrong
 */
export function flowDrawing(nodes: Iterable<FlowNodeConfig>, from: string): FlowDrawing {
  const behind = nodesBehind(nodes, from);
  const drawing = onlyOne(behind, ['manga-stylize', 'manga-tcn-decoder']);
  const clip = onlyOne(behind, ['manga-clip']);
  const strange = behind.find((node) => node !== drawing && node !== clip && !PASSED_OVER.has(node.type));
  if (strange) throw refuse(`it has a ${strange.type} node`, 'Leave it out, or draw without a queue.');
  if (drawing.styleType !== 'msg' && drawing.style)
    throw refuse('it has a style page', 'Leave the style page blank, or draw without a queue.');
  if (clip.folderType !== 'str' || !clip.folder || clip.fileType !== 'msg' || clip.file !== 'manga.outName')
    throw refuse(
      "the clip node's folder or file name is not plain",
      'Type a folder, and manga.outName as msg for the name.',
    );
  // Drawn block by block, it is the encoder that says which network draws.
  const encoder = behind.find(({ type, mode }) => type === 'manga-encoder' && mode !== 'style');
  const chosen = encoder ? plainSettings(encoder, ['model']) : {};
  return {
    recipe: {
      clip: parseSettings(clipSchema, { ...plainSettings(drawing, Object.keys(clipSchema.shape)), ...chosen }),
      output: parseSettings(outputSchema.omit({ path: true }), plainSettings(clip, ['format', 'encoder', 'quality'])),
    },
    folder: String(clip.folder),
    existing: clip.existing === 'overwrite' ? 'overwrite' : 'number',
    clipNode: clip.id,
  };
}
