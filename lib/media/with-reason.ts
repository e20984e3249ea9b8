/**
 * libvips keeps the text of an error in one place for the whole process, and whatever ends meanwhile on another thread
 * empties it: of a damaged picture sharp then knows nothing but "Unknown error" (seen in a third of the refusals while
 * three other pictures were decoded).
 */

/** Each more makes a reason that went missing again three times less likely. */
const TRIES = 10;

function isSilent(error: unknown): boolean {
  return error instanceof Error && /^(input (file|buffer) )?(unknown error)?$/i.test(error.message.trim());
}

/**
 * Does what may fail with an error of sharp's; when the error does not say why, again, until one does.
 * @param work begins anew with every call
 * @throws what `work` throws; the last time also without a reason
 */
export async function withReason<R>(work: () => Promise<R>): Promise<R> {
  for (let left = TRIES - 1; left > 0; left--) {
    try {
      return await work();
    } catch (error) {
      if (!isSilent(error)) throw error;
    }
  }
  return work();
}
