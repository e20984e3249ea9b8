import type { ConfigReader, NodeRecord } from '../lib/plan/config-reader.ts';
import type { StepBlock } from '../lib/plan/types.ts';
import { walkOn } from '../lib/plan/walk.ts';
import type { MangaMessage } from './message.ts';
import { userPath } from './paths.ts';
import type { Node, Red } from './red.ts';
import { typedValue } from './typed-value.ts';
import type { WorkResult } from './work.ts';

/** A training node's fields, read by Node-RED. `choice` types of a typedInput stand for themselves. */
export function nodeReader(RED: Red, node: Node, message: MangaMessage): ConfigReader {
  return {
    path: (path) => userPath(RED, path),
    value: (value, type) => typedValue(RED, node, value, type, message),
  };
}

/**
 * What a block's node does with a training message: adds its step to `msg.plan`, passes on the symbols of its outputs.
 * @throws MangaError BAD_WIRING, BAD_SETTING
 */
export async function trainingStep(
  RED: Red,
  node: Node,
  block: StepBlock,
  config: NodeRecord,
  message: MangaMessage,
): Promise<WorkResult> {
  await walkOn(block, config, message, nodeReader(RED, node, message));
  return { message, text: RED._('status.wired') };
}
