import { basename } from 'node:path';
import { CHECKPOINT_FORMAT, saveCheckpoint } from '../../checkpoint/checkpoint.ts';
import type { TensorData } from '../../engines/engine.ts';
import type { NetworkConfig } from '../../network/config.ts';
import type { Plan, TrainerSettings } from '../../plan/types.ts';
import { type ModelCard, writeModelCard } from '../model-card.ts';
import { programVersion, withoutPaths } from '../provenance.ts';

/** What a run was and how far it came. */
export interface RunFacts {
  readonly plan: Plan;
  readonly settings: TrainerSettings;
  readonly config: NetworkConfig;
  readonly step: number;
  /** Of training, from the first step on. */
  readonly seconds: number;
  /** For people: how many photos and pages. */
  readonly data: string;
}

/** Writes the checkpoint of a run with what is known about it, and its model card. @returns its path @throws MangaError IO */
export async function exportRun(tensors: ReadonlyMap<string, TensorData>, facts: RunFacts): Promise<string> {
  const { plan, settings, config, step, seconds, data } = facts;
  const { out, flow, seed, licence } = settings;
  const version = programVersion();
  const path = await saveCheckpoint(out, tensors, {
    format: CHECKPOINT_FORMAT,
    name: basename(out),
    config,
    training: withoutPaths({ flow, step, seconds, seed, data, folders: foldersOf(plan), plan, settings }),
    dataLicence: licence || 'not stated',
    gitCommit: version,
    created: new Date().toISOString(),
  });
  await writeModelCard(out, card(facts, version));
  return path;
}

function card({ plan, settings, step, seconds, data }: RunFacts, version: string): ModelCard {
  const { out, flow, from, seed, steps, batch, licence = '' } = settings;
  const { frames, side } = settingsOf(plan, 'tcn-decoder');
  const folders = Object.entries(foldersOf(plan)).map(([what, names]) => `${what}: ${names.join(', ')}`);
  const losses = plan.steps
    .filter(({ block }) => block.startsWith('loss-'))
    .map(({ block, settings: { weight, ...options } }) => {
      const set = Object.entries(withoutPaths(options))
        .map(([option, value]) => `${option} ${[value].flat().join(' ')}`)
        .join(', ');
      return `${block.slice('loss-'.length)} ${weight}${set ? ` (${set})` : ''}`;
    });
  return {
    name: basename(out),
    licence,
    rows: [
      ['flow', flow ?? 'not named'],
      ['trained', `${step} of ${steps} steps of ${batch} clips, ${frames} frames of ${side}x${side}, seed ${seed}`],
      ['time', `${(seconds / 60).toFixed(1)} minutes of training`],
      ['began with', from === undefined ? 'random weights' : `the checkpoint ${basename(from)}`],
      ['data', `${data} (${folders.join('; ')})`],
      ['losses and weights', losses.join('; ')],
      ['by', version],
    ],
  };
}

/** Names of the folders and files that the dataset reads, by setting. */
function foldersOf(plan: Plan): Record<string, string[]> {
  const settings = settingsOf(plan, 'dataset');
  const set = ['photos', 'pages', 'videos', 'root'].filter((key) => settings[key] !== undefined);
  const names = (key: string): string[] => [settings[key]].flat().map((path) => basename(String(path)));
  return Object.fromEntries(set.map((key) => [key, [...new Set(names(key))]]));
}

function settingsOf(plan: Plan, block: string): Readonly<Record<string, unknown>> {
  return plan.steps.find((step) => step.block === block)?.settings ?? {};
}
