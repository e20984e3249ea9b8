import { MangaError } from '../../errors/manga-error.ts';
import type { TrainingEngine } from './open-run.ts';

/**
 * The first engine that is there.
 * @param engines to try, in this order
 * @throws what `open` throws; ENGINE_MISSING of the first engine when all are
 */
export async function onFirstEngine<R>(
  engines: readonly TrainingEngine[],
  open: (engine: TrainingEngine) => Promise<R>,
): Promise<R> {
  let failure: unknown;
  for (const engine of engines) {
    try {
      return await open(engine);
    } catch (error) {
      failure ??= error;
      if (!(error instanceof MangaError && error.code === 'ENGINE_MISSING')) throw error;
    }
  }
  throw failure;
}
