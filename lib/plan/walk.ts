import { BLOCKS } from './blocks.ts';
import { addStep, beginPlan, isPlan, type StepRequest } from './build.ts';
import type { ConfigReader, NodeRecord } from './config-reader.ts';
import { stepSettings } from './step-settings.ts';
import { isSymbol } from './symbols.ts';
import type { Plan, StepBlock } from './types.ts';

/** What of a message belongs to training. */
export interface TrainingMessage {
  payload?: unknown;
  photo?: unknown;
  real?: unknown;
  scores?: unknown;
  plan?: unknown;
  topic?: unknown;
}

/** Whether a message is on a training walk, and no picture's. */
export function isTraining(message: TrainingMessage): boolean {
  return isPlan(message.plan) || isSymbol(message.payload);
}

/** A dataset node begins a walk: payload and photo 'photo', real 'real', topic 'train', a plan with one step. */
export async function beginWalk(
  walk: string,
  config: NodeRecord & { readonly session: string },
  message: TrainingMessage,
  reader: ConfigReader,
): Promise<void> {
  const request = { ...(await requestOf('dataset', config, {}, reader)), session: config.session };
  // A dataset behind another one, or in a loop.
  const { plan, outputs } = isPlan(message.plan) ? addStep(message.plan, request) : beginPlan(walk, request);
  delete message.scores;
  carry(message, 'dataset', plan, outputs);
  message.topic = 'train';
}

/**
 * A node of a walk: adds its step to `message.plan` and puts its output symbols on the message.
 * @throws WiringError (BAD_WIRING), MangaError BAD_SETTING
 */
export async function walkOn(
  block: StepBlock,
  config: NodeRecord,
  message: TrainingMessage,
  reader: ConfigReader,
): Promise<void> {
  const inputs = Object.fromEntries(
    Object.entries(BLOCKS[block].inputs).map(([name, { from }]) => [name, message[from]]),
  );
  const request = await requestOf(block, config, inputs, reader);
  const { plan, outputs } = addStep(isPlan(message.plan) ? message.plan : undefined, request);
  carry(message, block, plan, outputs);
}

async function requestOf(
  block: StepBlock,
  config: NodeRecord,
  inputs: Readonly<Record<string, unknown>>,
  reader: ConfigReader,
): Promise<StepRequest> {
  const name = config.name || config.type;
  const session = typeof config.session === 'string' ? config.session : undefined;
  return { id: config.id, name, block, session, inputs, settings: await stepSettings(block, config, reader) };
}

function carry(
  message: TrainingMessage,
  block: StepBlock,
  plan: Plan,
  outputs: Readonly<Record<string, unknown>>,
): void {
  for (const [name, { to }] of Object.entries(BLOCKS[block].outputs)) {
    for (const property of to ?? []) message[property] = outputs[name];
  }
  message.plan = plan;
}
