import { isHandle } from '../session/types.ts';
import { parseSettings } from '../settings/settings.ts';
import { BLOCKS, type BlockInput, type Inputs } from './blocks.ts';
import { describeValue, isSymbol, SYMBOL_MAKER } from './symbols.ts';
import type { Plan, PlanStep, PlanSymbol, StepBlock } from './types.ts';
import { WiringError } from './wiring-error.ts';

/** A step as a node asks for it: inputs are whatever the message brought. */
export interface StepRequest {
  readonly id: string;
  /** For messages to people. */
  readonly name: string;
  readonly block: StepBlock;
  /** The node's session; undefined: the node has none of its own and takes the plan's. */
  readonly session?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Validated here by the block's schema. */
  readonly settings: unknown;
}

export interface AddedStep {
  readonly plan: Plan;
  /** By output name. */
  readonly outputs: Readonly<Record<string, PlanSymbol>>;
}

/** The plan of a new walk: a dataset step alone. */
export function beginPlan(walk: string, request: StepRequest & { readonly session: string }): AddedStep {
  return append({ version: 1, session: request.session, walk, steps: [] }, request);
}

/**
 * @param plan what the message brought; undefined: nothing
 * @returns a new plan, with the step at its end, and the step's output symbols
 * @throws WiringError (BAD_WIRING) naming the step and what to wire instead, MangaError BAD_SETTING
 */
export function addStep(plan: Plan | undefined, request: StepRequest): AddedStep {
  const { id, block, session } = request;
  if (!isPlan(plan)) {
    const found = Object.entries(request.inputs).filter(([, value]) => value !== undefined && value !== null);
    const what = found.length > 0 ? ` (it has ${found.map(([key, value]) => `${key}: ${describeValue(value)}`)})` : '';
    throw wrong(request, `no training message arrived here${what}`, startHint(block));
  }
  if (plan.steps.some((step) => step.id === id)) {
    throw wrong(request, 'the wires lead in a loop back to this node', 'Remove the wire that leads back.');
  }
  const twin = plan.steps.find((step) => step.block === block);
  if (twin) throw twice(request, twin);
  if (session !== undefined && session !== plan.session) {
    throw wrong(
      request,
      "the training message comes from another session than this node's",
      'Choose the same manga-session in the dataset, the encoder and the tcn-decoder.',
    );
  }
  return append(plan, request);
}

export function isPlan(value: unknown): value is Plan {
  const plan = value as Partial<Plan> | null | undefined;
  return typeof plan === 'object' && plan !== null && plan.version === 1 && Array.isArray(plan.steps);
}

function append(plan: Plan, request: StepRequest): AddedStep {
  const { id, name, block } = request;
  const { schema, inputs, outputs, mismatch } = BLOCKS[block];
  const settings = named(name, () => parseSettings(schema, request.settings)) as Record<string, unknown>;
  const symbols: Record<string, PlanSymbol> = {};
  for (const [input, wanted] of Object.entries(inputs)) {
    if (!wanted.required(settings)) continue;
    symbols[input] = expectSymbol(plan, request, wanted, request.inputs[input]);
  }
  const problem = mismatch?.(settings, symbols);
  if (problem)
    throw wrong(
      request,
      lowerFirst(problem).replace(/\.$/, ''),
      'Set the same number of frames and the same side in the manga-dataset and the manga-tcn-decoder.',
    );
  const step: PlanStep = { id, name, block, inputs: references(symbols), settings };
  const made = Object.entries(outputs).map(([output, { kind, shape }]) => {
    const { session, walk } = plan;
    return [output, { manga: 'symbol', session, walk, step: id, kind, shape: shape(settings, symbols) }] as const;
  });
  return { plan: { ...plan, steps: [...plan.steps, step] }, outputs: Object.fromEntries(made) };
}

function expectSymbol(plan: Plan, request: StepRequest, { kind, from }: BlockInput, value: unknown): PlanSymbol {
  const hint = `Wire ${SYMBOL_MAKER[kind]} in front of this node.`;
  if (isHandle(value)) {
    throw wrong(
      request,
      `msg.${from} is ${describeValue(value)}, mixed into a training message`,
      'Keep the wires of pictures and the wires of training apart: training starts at a manga-dataset node.',
    );
  }
  if (!isSymbol(value) || value.kind !== kind) {
    throw wrong(request, `msg.${from} is ${describeValue(value)} where '${kind}' is needed`, hint);
  }
  const maker = plan.steps.find((step) => step.id === value.step);
  if (value.walk !== plan.walk || !maker) {
    const hintMixed = 'Pass each training message on as it is; side by side branches meet at the manga-trainer.';
    throw wrong(request, `msg.${from} comes from another training message than msg.plan`, hintMixed);
  }
  return value;
}

function references(symbols: Inputs): PlanStep['inputs'] {
  return Object.fromEntries(Object.entries(symbols).map(([input, { step, kind }]) => [input, { step, kind }]));
}

function startHint(block: StepBlock): string {
  if (block === 'encoder') return 'Wire a manga-dataset node in front of this node.';
  return 'Begin with a manga-dataset node: dataset, encoder, tcn-decoder, discriminator, losses, trainer.';
}

/** A step that is wrong. */
export function wrong({ id, name }: Pick<PlanStep, 'id' | 'name'>, what: string, hint: string): WiringError {
  return new WiringError(id, `${name}: ${what}.`, hint);
}

export function twice(step: Pick<PlanStep, 'id' | 'name' | 'block'>, other: PlanStep): WiringError {
  const type = BLOCKS[step.block].type;
  const which = step.name === other.name ? '' : ` (${other.name})`;
  return wrong(step, `the plan has a ${type} already${which}`, `A plan has each block once: remove one ${type}.`);
}

function named<R>(name: string, run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error) error.message = `${name}: ${lowerFirst(error.message)}`;
    throw error;
  }
}

export const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
