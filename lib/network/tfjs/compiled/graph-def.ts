import type { Attribute, NodeBackend } from '../tensorflow.ts';
import { Message } from './protobuf.ts';
import type { Edge, Node } from './recording.ts';

/*
 * Field numbers of TensorFlow's messages: tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape,versions}.proto
 * and tensorflow/core/protobuf/{saved_model,meta_graph}.proto.
 */
const SAVED_MODEL = { version: 1, metaGraphs: 2 };
const META_GRAPH = { info: 1, graph: 2 };
const META_INFO = { tags: 4 };
const GRAPH = { node: 1, versions: 4 };
const VERSIONS = { producer: 1 };
const NODE = { name: 1, op: 2, input: 3, attribute: 5 };
const MAP_ENTRY = { key: 1, value: 2 };
const VALUE = { list: 1, text: 2, integer: 3, float: 4, boolean: 5, type: 6, shape: 7, tensor: 8 };
const TENSOR = { dtype: 1, shape: 2, content: 4 };
const SHAPE = { dimension: 2 };
const DIMENSION = { size: 1 };

/** What libtensorflow asks for a model by. */
export const TAG = 'train';
/** Version of the graphs that we write: old enough for every library, new enough for every op that is recorded. */
const PRODUCER = 1087;
/** An op of oneDNN, as it may only be called eagerly; a graph's optimiser makes it of these two. */
const FUSED = { op: '_MklNativeConv2DWithBias', mark: '_kernel', first: 'Conv2D', second: 'BiasAdd' };

/** How a graph refers to an output of a node. */
export function tensorName({ node, output }: Edge): string {
  return `${node.name}:${output}`;
}

function shapeOf(sizes: readonly number[]): Message {
  const shape = new Message();
  for (const size of sizes) shape.message(SHAPE.dimension, new Message().integer(DIMENSION.size, size));
  return shape;
}

/** Writes nodes as a SavedModel without variables. @param nodes each after those that it reads */
export function savedModel(binding: NodeBackend['binding'], nodes: readonly Node[]): Uint8Array {
  const attributeValue = ({ name, type, value }: Attribute): Message => {
    const { TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_SHAPE } = binding;
    const message = new Message();
    if (type === TF_ATTR_STRING) return message.text(VALUE.text, value as string);
    if (type === TF_ATTR_FLOAT) return message.float(VALUE.float, value as number);
    if (type === TF_ATTR_BOOL) return message.integer(VALUE.boolean, value ? 1 : 0);
    if (type === TF_ATTR_TYPE) return message.integer(VALUE.type, value as number);
    if (type === TF_ATTR_SHAPE) return message.message(VALUE.shape, shapeOf(value as number[]));
    if (type !== TF_ATTR_INT) throw new Error(`the attribute ${name} is of a kind that is not known`);
    if (!Array.isArray(value)) return message.integer(VALUE.integer, value as number);
    const list = new Message();
    for (const item of value) list.integer(VALUE.integer, item);
    return message.message(VALUE.list, list);
  };
  const attribute = (name: string, value: Message) =>
    new Message().text(MAP_ENTRY.key, name).message(MAP_ENTRY.value, value);
  const graph = new Message();
  const write = (name: string, op: string, inputs: readonly string[], attributes: readonly Message[]) => {
    const message = new Message().text(NODE.name, name).text(NODE.op, op);
    for (const input of inputs) message.text(NODE.input, input);
    for (const entry of attributes) message.message(NODE.attribute, entry);
    graph.message(GRAPH.node, message);
  };
  for (const node of nodes) {
    const { name, op, value, bytes } = node;
    const inputs = node.inputs.map(tensorName);
    const attributes = node.attributes
      .filter((given) => given.name !== FUSED.mark)
      .map((given) => attribute(given.name, attributeValue(given)));
    if (op === FUSED.op) {
      write(`${name}_first`, FUSED.first, inputs.slice(0, 2), attributes);
      const type = attribute('T', new Message().integer(VALUE.type, binding.TF_FLOAT!));
      write(name, FUSED.second, [`${name}_first`, inputs[2]!], [type]);
      continue;
    }
    if (value) attributes.push(attribute('dtype', new Message().integer(VALUE.type, value.dtype)));
    if (value && bytes) {
      const tensor = new Message().integer(TENSOR.dtype, value.dtype).message(TENSOR.shape, shapeOf(value.shape));
      attributes.push(attribute('value', new Message().message(VALUE.tensor, tensor.bytes(TENSOR.content, bytes))));
    } else if (value) attributes.push(attribute('shape', new Message().message(VALUE.shape, shapeOf(value.shape))));
    write(name, op, inputs, attributes);
  }
  graph.message(GRAPH.versions, new Message().integer(VERSIONS.producer, PRODUCER));
  const info = new Message().text(META_INFO.tags, TAG);
  const meta = new Message().message(META_GRAPH.info, info).message(META_GRAPH.graph, graph);
  return new Message().integer(SAVED_MODEL.version, 1).message(SAVED_MODEL.metaGraphs, meta).encode();
}
