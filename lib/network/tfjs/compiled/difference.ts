import type { Edge, Node, Recording, Source } from './recording.ts';

/** @returns what is different, for people; empty when both recordings make the same graph */
export function difference(a: Recording, b: Recording): string {
  if (a.nodes.length !== b.nodes.length) return `${b.nodes.length} operations, after ${a.nodes.length} before`;
  for (const [i, node] of a.nodes.entries()) {
    const other = b.nodes[i]!;
    if (describe(node) !== describe(other)) return `${other.op} ${other.name} is not what it was`;
    if (!sameSource(node.source, other.source)) return `${other.name} reads another tensor than before`;
    if (node.bytes && !Buffer.from(node.bytes).equals(other.bytes!))
      return `the constant ${other.name} ${readBy(b.nodes, other)} has changed: it has to come in as a tensor`;
  }
  const edges = ({ outputs, assigned }: Recording) =>
    JSON.stringify([
      Object.entries(outputs).map(([name, edge]) => [name, edgeName(edge)]),
      [...assigned].map(([variable, edge]) => [variable.name, edgeName(edge)]),
    ]);
  return edges(a) === edges(b) ? '' : 'other results than before';
}

const edgeName = ({ node, output }: Edge): string => `${node.name}:${output}`;

function describe({ op, attributes, inputs, value }: Node): string {
  return JSON.stringify([op, attributes, inputs.map(edgeName), value]);
}

function sameSource(a: Source | undefined, b: Source | undefined): boolean {
  if (a?.kind === 'kept' && b?.kind === 'kept') return a.tensor.dataId === b.tensor.dataId;
  if (a?.kind === 'variable' && b?.kind === 'variable') return a.variable === b.variable;
  if (a?.kind === 'input' && b?.kind === 'input') return a.name === b.name;
  return a === b;
}

function readBy(nodes: readonly Node[], constant: Node): string {
  const reader = nodes.find(({ inputs }) => inputs.some(({ node }) => node === constant));
  return reader ? `of ${reader.op} ${reader.name}` : 'of nothing';
}
