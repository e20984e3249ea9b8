import * as z from 'zod';
import { parseSettings } from '../settings/settings.ts';
import { blockOfType } from './blocks.ts';
import { checkPlan } from './check.ts';
import type { ConfigReader, NodeRecord } from './config-reader.ts';
import { mergePlans } from './merge.ts';
import { trainerSettings } from './step-settings.ts';
import type { Plan, TrainerSettings } from './types.ts';
import { beginWalk, type TrainingMessage, walkOn } from './walk.ts';
import { WiringError } from './wiring-error.ts';

export interface TrainingFlow {
  readonly plan: Plan;
  readonly trainer: TrainerSettings;
  /** The engine that the flow's manga-session names: 'auto', 'onnx', 'tensorflow' or 'webgpu'. */
  readonly engine: string;
}

const flowSchema = z.array(z.looseObject({ id: z.string(), type: z.string(), name: z.string().optional() }), {
  error: 'a flow file is a JSON array of nodes, as the editor exports it',
});

const TRAINER = 'manga-trainer';
/** Wires of Node-RED that carry a message on as it is. */
const WIRES = ['junction', 'link in', 'link out'];
/** More nodes in a row than any flow has: the wires go in a circle. */
const MOST_HOPS = 10_000;

/**
 * The plan that the flow's training message would leave behind, made by walking the wires from the dataset to the trainer
 * without Node-RED.
 * @param flow parsed flow file
 * @param adjust changes nodes before they are read, e.g. for options of the command line
 * @throws WiringError (BAD_WIRING) naming the node that is wrong, MangaError BAD_SETTING
 */
export async function planFromFlow(
  flow: unknown,
  reader: ConfigReader,
  adjust: (node: NodeRecord) => NodeRecord = (node) => node,
): Promise<TrainingFlow> {
  const nodes = new Map(live(parseSettings(flowSchema, flow)).map((node) => [node.id, adjust(node)]));
  const all = [...nodes.values()];
  const [trainer, other] = all.filter((node) => node.type === TRAINER);
  if (!trainer) throw missing('manga-trainer', 'at the end of the wires');
  if (other) throw new WiringError(other.id, 'The flow has two manga-trainer nodes.', 'Disable all but one.');
  const datasets = all.filter((node) => node.type === 'manga-dataset');
  if (datasets.length === 0) throw missing('manga-dataset', 'at the beginning of the wires');
  const plans: Plan[] = [];
  for (const dataset of datasets) plans.push(...(await walk(dataset, nodes, reader, datasets.length > 1)));
  if (plans.length === 0) {
    throw new WiringError(trainer.id, 'No wire leads from the manga-dataset to the manga-trainer.', 'Wire them.');
  }
  const plan = mergePlans(plans);
  checkPlan(plan);
  const session = nodes.get(plan.session);
  return { plan, trainer: await trainerSettings(trainer, reader), engine: String(session?.engine ?? 'auto') };
}

/** @returns the plans that arrive at a trainer */
async function walk(
  dataset: NodeRecord,
  nodes: ReadonlyMap<string, NodeRecord>,
  reader: ConfigReader,
  several: boolean,
): Promise<Plan[]> {
  const session = String(dataset.session ?? '');
  if (nodes.get(session)?.type !== 'manga-session') {
    const what = `${dataset.name || dataset.type}: it has no session.`;
    throw new WiringError(dataset.id, what, 'Open it and choose or add a manga-session.');
  }
  const message: TrainingMessage = {};
  await beginWalk(several ? dataset.id : 'flow', { ...dataset, session }, message, reader);
  const arrived: Plan[] = [];
  const queue = targets(dataset).map((id) => ({ id, message }));
  for (let hops = 0; queue.length > 0; hops++) {
    const { id, message: incoming } = queue.shift()!;
    const node = nodes.get(id);
    if (!node) continue;
    if (hops > MOST_HOPS)
      throw new WiringError(id, `The wires at ${node.name || node.type} go in a circle.`, 'Cut them.');
    const block = blockOfType(node.type);
    const own = { ...incoming };
    if (block === 'dataset') await beginWalk(id, { ...node, session: String(node.session ?? '') }, own, reader);
    else if (block) await walkOn(block, node, own, reader);
    else if (node.type === TRAINER) arrived.push(own.plan as Plan);
    if (block || WIRES.includes(node.type)) queue.push(...targets(node).map((to) => ({ id: to, message: own })));
    else if (node.type !== TRAINER) checkEnd(node, nodes);
  }
  return arrived;
}

/**
 * What another node does with a message is known to Node-RED alone. At the end of the wires that does not matter: a debug node.
 * @throws WiringError when training goes on behind it, where it would be another plan than the editor's without that branch
 */
function checkEnd(node: NodeRecord, nodes: ReadonlyMap<string, NodeRecord>): void {
  const behind = trainsBehind(node, nodes);
  if (!behind) return;
  const [name, other] = [node, behind].map((each) => each.name || each.type);
  throw new WiringError(
    node.id,
    `${name}: ${other} lies behind it, and without Node-RED nobody knows what ${node.type} does with the message.`,
    'motion-manga train follows direct wires, junctions and link nodes only: take this node out, or train in Node-RED.',
  );
}

/** A node of training that a message reaches through `start`, by all of its outputs or within its subflow. */
function trainsBehind(start: NodeRecord, nodes: ReadonlyMap<string, NodeRecord>): NodeRecord | undefined {
  const seen = new Set<NodeRecord>([start]);
  // Grows while it is walked.
  for (const node of seen) {
    if (node !== start && (node.type === TRAINER || blockOfType(node.type))) return node;
    const subflow = node.type.match(/^subflow:(.+)$/)?.[1];
    const inside = subflow === undefined ? [] : [...nodes.values()].filter(({ z }) => z === subflow);
    for (const next of [...outputs(node).flatMap((id) => nodes.get(id) ?? []), ...inside]) seen.add(next);
  }
  return undefined;
}

/** Where a node's first output leads. */
function targets(node: NodeRecord): string[] {
  const wires = node.type === 'link out' ? node.links : (node.wires as unknown[] | undefined)?.[0];
  return Array.isArray(wires) ? wires.map(String) : [];
}

/** Where all of its outputs lead, and the links of a link call. */
function outputs(node: NodeRecord): string[] {
  return [node.wires, node.links].flat(2).filter((id) => typeof id === 'string');
}

/** Without what Node-RED would not run: disabled nodes and disabled tabs. */
function live(flow: readonly NodeRecord[]): NodeRecord[] {
  const off = new Set(flow.filter((node) => node.type === 'tab' && node.disabled === true).map(({ id }) => id));
  return flow.filter((node) => node.d !== true && !off.has(String(node.z)));
}

function missing(type: string, where: string): WiringError {
  return new WiringError(undefined, `The flow has no ${type}.`, `Put one ${where}.`);
}
