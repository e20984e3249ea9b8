/**
 * A training plan: what a training message leaves behind after walking the wires. Plain JSON; made by nodes (or from a
 * flow file by the command line), compiled and run by the trainer in the session process.
 *
 * A *symbol* stands for a tensor that will exist in every training step. Nodes that receive a symbol instead of a handle
 * add a step to the plan that travels in the message (`msg.plan`) and pass on the symbols of their outputs.
 */
import type { EngineName } from '../engines/engine.ts';

/** What flows along a training wire. */
export type SymbolKind =
  | 'photo' // [B,S,S,3] photos
  | 'real' // [B,T,S,S,1] drawn sequences x
  | 'content' // content features
  | 'generated' // [B,T,S,S,1] sequences G(z)
  | 'scores' // D(x) and D(G(z)), logits
  | 'loss'; // a scalar

export interface PlanSymbol {
  readonly manga: 'symbol';
  readonly session: string;
  /** One training message; branches of the same walk are joined at the trainer. */
  readonly walk: string;
  /** Id of the node (step) that makes it. */
  readonly step: string;
  readonly kind: SymbolKind;
  /** Sizes; names stand for what the trainer decides: 'B'. */
  readonly shape: readonly (number | string)[];
}

export type StepBlock =
  | 'dataset'
  | 'encoder'
  | 'tcn-decoder'
  | 'discriminator'
  | 'loss-adversarial'
  | 'loss-content'
  | 'loss-style'
  | 'loss-temporal';

export interface PlanStep {
  /** Node id; in messages to people `name` is used. */
  readonly id: string;
  readonly name: string;
  readonly block: StepBlock;
  /** Which symbols feed it: input name -> step id and kind. */
  readonly inputs: Readonly<Record<string, { readonly step: string; readonly kind: SymbolKind }>>;
  /** Validated by the block's schema in plan/blocks.ts. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Plan {
  readonly version: 1;
  readonly session: string;
  readonly walk: string;
  readonly steps: readonly PlanStep[];
}

/** Settings of the trainer node and of `motion-manga train`. Defaults are the method's. */
export interface TrainerSettings {
  readonly out: string;
  /** Continue exactly where this folder's newest checkpoint stopped. */
  readonly resume?: string;
  /** Move an unfinished run in `out` aside; otherwise a run does not begin there. */
  readonly anew?: boolean;
  /** Start from the weights of this checkpoint (name or folder). */
  readonly from?: string;
  /** 'phases': A paired drawing, B motion, C adversarial. 'plain': all losses from the first step (method.md). */
  readonly schedule: 'phases' | 'plain';
  readonly steps: number;
  /** Samples an optimiser step (64), made of micro-batches that fit the memory. */
  readonly batch: number;
  readonly microBatch: number;
  readonly generatorRate: number;
  readonly discriminatorRate: number;
  readonly clipNorm: number;
  readonly averageDecay: number;
  readonly seed: number;
  readonly sampleEvery: number;
  readonly saveMinutes: number;
  readonly keep: number;
  /** What the data may be used for; kept in the checkpoint. */
  readonly licence?: string;
  /** Name of the flow; kept in the checkpoint. */
  readonly flow?: string;
}

export interface TrainingReport {
  readonly state: 'starting' | 'running' | 'paused' | 'stopping' | 'finished' | 'failed';
  readonly engine?: EngineName;
  readonly step: number;
  readonly steps: number;
  readonly phase?: 'A' | 'B' | 'C' | 'plain';
  readonly losses: Readonly<
    Partial<
      Record<'adversarial' | 'discriminator' | 'content' | 'style' | 'temporal' | 'layers' | 'trajectory', number>
    >
  >;
  /** Mean of D(x) and D(G(z)), 0..1. */
  readonly scores?: { readonly real: number; readonly fake: number };
  /** Learning rates of the last step; the discriminator's while it plays. */
  readonly rates?: { readonly generator: number; readonly discriminator?: number };
  /** Resident memory of the process that trains, bytes. */
  readonly memoryBytes?: number;
  readonly stepsPerSecond?: number;
  readonly etaSeconds?: number;
  /** What the data are, for people. */
  readonly data?: string;
  /** Files and annotations that cannot be used, so far; the first few of them. */
  readonly skipped?: {
    readonly count: number;
    readonly first: readonly { readonly where: string; readonly reason: string }[];
  };
  /** Share of the time that the engine waited for data, 0..1. */
  readonly dataWait?: number;
  /** The newest checkpoint: always the same file, at the step it was written. */
  readonly checkpoint?: string;
  readonly checkpointStep?: number;
  readonly sample?: string;
  /** The folder to which an earlier run was moved before this one began. */
  readonly aside?: string;
  readonly rollbacks: number;
  /** What went wrong last: why the run was taken back, what could not be saved or read, why it failed. */
  readonly problem?: string;
}
