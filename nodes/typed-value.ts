import { MangaError } from '../lib/errors/manga-error.ts';
import type { Message, Node, Red } from './red.ts';

/**
 * Value of a typedInput.
 * @returns undefined for what is missing or blank, so that a schema's default applies
 * @throws MangaError BAD_SETTING when it cannot be evaluated
 */
export function typedValue(RED: Red, node: Node, value: string, type: string, message: Message): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new MangaError('BAD_SETTING', `${type}.${value} cannot be read: ${cause}.`, undefined, { cause }));
    try {
      RED.util.evaluateNodeProperty(value, type, node, message, (error, result) => {
        if (error) fail(error.message);
        else resolve(result === null || result === '' ? undefined : result);
      });
    } catch (error) {
      fail(error instanceof Error ? error.message : error);
    }
  });
}
