/**
 * ONNX model files: the messages of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3) that a
 * feed-forward graph needs. The numbers in the writers are that file's field numbers.
 */
import type { Axis, DType, TensorData } from '../../engines/engine.ts';
import { ProtoWriter } from './protobuf.ts';

/** Operator set 17 (IR 8) has all that we write and is read by ONNX Runtime >= 1.12. */
const OPSET = 17;
const IR_VERSION = 8;

const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 };
const ELEMENT: Record<DType | 'int64', number> = { float32: 1, uint8: 2, int32: 6, int64: 7 };

export type Attribute = { int: number } | { float: number } | { string: string } | { ints: readonly number[] };

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant of the graph; int64 for shapes and axes, which is what ONNX wants there. */
export type OnnxConstant = TensorData | { readonly shape: readonly number[]; readonly int64: readonly number[] };

export interface OnnxPort {
  readonly name: string;
  readonly dtype: DType;
  /** As ONNX sees it (images channels first). A string or null is a size known only when it runs. */
  readonly shape: readonly (Axis | null)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxConstant>;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/** @returns the bytes of a .onnx file (ModelProto). */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = new ProtoWriter()
    .int(1, IR_VERSION)
    .string(2, 'motion-manga')
    .message(7, encodeGraph(graph))
    .message(8, new ProtoWriter().string(1, '').int(2, OPSET));
  for (const [key, value] of Object.entries(metadata)) {
    model.message(14, new ProtoWriter().string(1, key).string(2, value));
  }
  return model.finish();
}

function encodeGraph(graph: OnnxGraph): ProtoWriter {
  const proto = new ProtoWriter();
  for (const node of graph.nodes) proto.message(1, encodeNode(node));
  proto.string(2, graph.name);
  for (const [name, constant] of graph.constants) proto.message(5, encodeConstant(name, constant));
  for (const port of graph.inputs) proto.message(11, encodePort(port));
  for (const port of graph.outputs) proto.message(12, encodePort(port));
  return proto;
}

function encodeNode(node: OnnxNode): ProtoWriter {
  const proto = new ProtoWriter();
  for (const input of node.inputs) proto.string(1, input);
  proto.string(2, node.output).string(3, node.output).string(4, node.type);
  for (const [name, value] of Object.entries(node.attributes)) proto.message(5, encodeAttribute(name, value));
  return proto;
}

function encodeAttribute(name: string, value: Attribute): ProtoWriter {
  const proto = new ProtoWriter().string(1, name);
  if ('float' in value) return proto.float(2, value.float).int(20, ATTRIBUTE.float);
  if ('int' in value) return proto.int(3, value.int).int(20, ATTRIBUTE.int);
  if ('string' in value) return proto.string(4, value.string).int(20, ATTRIBUTE.string);
  return proto.packedInts(8, value.ints).int(20, ATTRIBUTE.ints);
}

/** TensorProto with raw_data: little-endian, which is also how every machine that Node runs on keeps typed arrays. */
function encodeConstant(name: string, constant: OnnxConstant): ProtoWriter {
  const isInt64 = 'int64' in constant;
  const data = isInt64 ? BigInt64Array.from(constant.int64, BigInt) : constant.data;
  return new ProtoWriter()
    .packedInts(1, constant.shape)
    .int(2, ELEMENT[isInt64 ? 'int64' : constant.dtype])
    .string(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function encodePort(port: OnnxPort): ProtoWriter {
  const shape = new ProtoWriter();
  for (const axis of port.shape) {
    const dimension = new ProtoWriter();
    if (typeof axis === 'number') dimension.int(1, axis);
    else if (axis !== null) dimension.string(2, axis);
    shape.message(1, dimension);
  }
  const tensor = new ProtoWriter().int(1, ELEMENT[port.dtype]).message(2, shape);
  return new ProtoWriter().string(1, port.name).message(2, new ProtoWriter().message(1, tensor));
}
