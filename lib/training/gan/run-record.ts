import { isDeepStrictEqual } from 'node:util';
import { MangaError } from '../../errors/manga-error.ts';
import { type NetworkConfig, networkConfigSchema } from '../../network/config.ts';
import { BLOCKS } from '../../plan/blocks.ts';
import { isPlan } from '../../plan/build.ts';
import { trainerSchema } from '../../plan/settings.ts';
import type { Plan, PlanStep, TrainerSettings } from '../../plan/types.ts';
import type { RunState } from './run-folder.ts';

/**
 * What a run was begun with, kept in its states, so that it goes on as the same run. Paths are kept as they are: the
 * states stay where they are written; what is exported holds none (export-run.ts).
 */
export interface RunRecord {
  readonly plan: Plan;
  readonly settings: TrainerSettings;
  /** Of the generator: the medium of the data, or of the checkpoint that the run began with. */
  readonly config: NetworkConfig;
  readonly engine: 'tensorflow' | 'webgpu';
}

/** Settings that shape the numbers. `steps` divides a run into its phases, and counts where there are phases. */
const SHAPING = ['from', 'schedule', 'seed', 'batch', 'microBatch', 'clipNorm', 'averageDecay'] as const;
/** Of a dataset: how fast batches come, not what is in them; the last is the trainer's. */
const OTHERWISE: ReadonlySet<string> = new Set(['threads', 'queue', 'cacheMb', 'cacheDir', 'batch']);

interface Difference {
  readonly what: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** @returns null for states of versions that kept none */
export function recordOf({ progress }: RunState): RunRecord | null {
  const { plan, settings, config, engine } = (progress.record ?? {}) as Partial<RunRecord>;
  if (!isPlan(plan)) return null;
  return {
    plan,
    settings: trainerSchema.parse(settings),
    config: networkConfigSchema.parse(config),
    engine: engine === 'webgpu' ? engine : 'tensorflow',
  };
}

/** Whether somebody lowered or raised a learning rate: the one thing of learning that may change on the way. */
export function ratesDiffer(one: TrainerSettings, other: TrainerSettings): boolean {
  return one.generatorRate !== other.generatorRate || one.discriminatorRate !== other.discriminatorRate;
}

/**
 * A run goes on as the one that it was, or not at all: other data, losses or phases under the same optimiser would be
 * neither the old run nor a new one.
 * @param folder of the run, for people
 * @throws MangaError BAD_SETTING: what differs, how it was and is, and what to do
 */
export function checkSameRun(folder: string, record: RunRecord, plan: Plan, settings: TrainerSettings): void {
  const differences = [...settingsThatDiffer(record.settings, settings), ...stepsThatDiffer(record.plan, plan)];
  if (differences.length === 0) return;
  const told = differences.map(({ what, was, is }) => `${what}: was ${text(was)}, is ${text(is)}`).join('; ');
  const phases = differences.some(({ what }) => what === 'steps') ? ' The steps divide a run into its phases.' : '';
  throw new MangaError(
    'BAD_SETTING',
    `The run in ${folder} was begun otherwise. ${told}.${phases}`,
    "Set it as it was to go on with that run; or start another one in another folder, from that run's checkpoint ('Begin with', --from) to keep what it learned.",
  );
}

function settingsThatDiffer(was: TrainerSettings, is: TrainerSettings): Difference[] {
  const shaping = was.schedule === 'plain' && is.schedule === 'plain' ? SHAPING : ([...SHAPING, 'steps'] as const);
  return shaping.filter((key) => was[key] !== is[key]).map((what) => ({ what, was: was[what], is: is[what] }));
}

function stepsThatDiffer(was: Plan, is: Plan): Difference[] {
  const [old, now] = [was, is].map((plan) => new Map(plan.steps.map((step) => [step.block, step])));
  return [...new Set([...old!.keys(), ...now!.keys()])].flatMap((block) => {
    const [before, after] = [old!.get(block), now!.get(block)];
    if (!before || !after) {
      const wired = (step: PlanStep | undefined) => (step ? 'wired' : 'not wired');
      return [{ what: BLOCKS[block].type, was: wired(before), is: wired(after) }];
    }
    const [first, second] = [normal(before), normal(after)];
    return Object.keys({ ...first, ...second })
      .filter((key) => !(block === 'dataset' && OTHERWISE.has(key)) && !isDeepStrictEqual(first[key], second[key]))
      .map((key) => ({ what: `${key} of ${after.name}`, was: first[key], is: second[key] }));
  });
}

/** A setting that is new since the run was begun had its default's effect. */
function normal({ block, settings }: PlanStep): Readonly<Record<string, unknown>> {
  const parsed = BLOCKS[block].schema.safeParse(settings);
  return parsed.success ? (parsed.data as Record<string, unknown>) : settings;
}

function text(value: unknown): string {
  return value === undefined ? 'not set' : [value].flat().join(', ');
}
