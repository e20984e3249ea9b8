import { access, constants, mkdir } from 'node:fs/promises';
import { MangaError } from '../../errors/manga-error.ts';
import { ioError } from '../../media/io-error.ts';
import { dropOlder, type RunState, saveRun } from './run-folder.ts';
import type { RunRecord } from './run-record.ts';

/** How far a run is, beside what its players know. */
export interface RunProgress {
  readonly seconds: number;
  readonly rollbacks: number;
}

/** Writes a run's states, each with what the run was begun with. */
export class RunStore {
  readonly #record: RunRecord;
  /** Step of the newest state that is safe in a folder. */
  savedStep = 0;

  constructor(record: RunRecord) {
    this.#record = record;
  }

  /** @throws MangaError IO when nothing can be written there */
  async prepare(): Promise<void> {
    const { out } = this.#record.settings;
    try {
      await mkdir(out, { recursive: true });
      await access(out, constants.W_OK);
    } catch (error) {
      throw ioError('Cannot make or write to the folder', out, error);
    }
  }

  /** @throws MangaError INTERNAL when the state is broken, IO */
  async save(step: number, { tensors, progress }: RunState, { seconds, rollbacks }: RunProgress): Promise<void> {
    const broken = firstBroken({ tensors, progress });
    if (broken) throw new MangaError('INTERNAL', `${broken} holds what is no number.`);
    const { out, steps, keep } = this.#record.settings;
    const told = { ...progress, step, steps, seconds, rollbacks, record: this.#record };
    await saveRun(out, step, { tensors, progress: told }, keep);
    this.savedStep = step;
  }

  /** As {@link save}, at the cost of older states where the disk is full. */
  async rescue(step: number, state: RunState, progress: RunProgress): Promise<void> {
    try {
      await this.save(step, state, progress);
    } catch (error) {
      if (!(await dropOlder(this.#record.settings.out))) throw error;
      await this.save(step, state, progress);
    }
  }
}

/** Name of a tensor that holds what is no finite number: the losses show that one step too late for a checkpoint. */
export function firstBroken({ tensors }: RunState): string | undefined {
  for (const [name, { data }] of tensors) if (!data.every(Number.isFinite)) return name;
  return undefined;
}
