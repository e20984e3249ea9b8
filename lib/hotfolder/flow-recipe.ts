/** What a flow will make of a hot folder's pictures, read from the settings of the nodes behind it. */
export interface FlowNodeConfig {
  readonly id: string;
  readonly type: string;
  readonly wires?: readonly (readonly string[])[];
  readonly links?: readonly string[];
  readonly [setting: string]: unknown;
}

export interface FlowRecipe {
  /** Settings of each node that has a say in what a clip looks like, in the order of the wires. */
  readonly settings: readonly Readonly<Record<string, unknown>>[];
  /** Ids of the sessions they work in. */
  readonly sessions: readonly string[];
  /** Folders of the clip nodes, as typed, where they are plain text. */
  readonly outFolders: readonly string[];
}

/** Nodes of others that change messages on their way. */
const OTHERS = new Set(['function', 'change', 'template', 'switch']);
/** Ours that look or file, and change no clip. */
const ONLOOKERS = new Set(['manga-preview', 'manga-hot-folder', 'manga-session']);
/** Settings that have no part in the picture: place and look in the editor, where files go, which process works. */
const BESIDE = new Set([
  ...['id', 'x', 'y', 'z', 'g', 'd', 'l', 'name', 'info', 'wires', 'links', 'inputLabels', 'outputLabels', 'icon'],
  ...['session', 'folder', 'folderType', 'file', 'fileType', 'existing', 'release', '_alias', 'env'],
]);

/** @param from id of the hot folder; its first output is followed */
export function flowRecipe(nodes: Iterable<FlowNodeConfig>, from: string): FlowRecipe {
  const all = new Map([...nodes].map((node) => [node.id, node]));
  const seen = new Set([from]);
  const settings: Record<string, unknown>[] = [];
  const sessions = new Set<string>();
  const outFolders: string[] = [];
  const queue = [...(all.get(from)?.wires?.[0] ?? [])];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const node = all.get(id);
    if (!node || seen.has(id) || node.d) continue;
    seen.add(id);
    if (OTHERS.has(node.type) || (node.type.startsWith('manga-') && !ONLOOKERS.has(node.type))) {
      settings.push(Object.fromEntries(Object.entries(node).filter(([key]) => !BESIDE.has(key))));
      if (typeof node.session === 'string') sessions.add(node.session);
    }
    if (node.type === 'manga-clip' && node.folderType === 'str' && node.folder) outFolders.push(String(node.folder));
    // Messages that come back to the hot folder have their clip.
    queue.push(...(node.wires ?? []).flat(), ...(node.type === 'link out' ? (node.links ?? []) : []));
  }
  return { settings, sessions: [...sessions], outFolders };
}
