/** What makes two jobs the same: the bytes of the picture and the recipe. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { JobKey, Recipe } from './types.ts';

/** sha256 of a file's bytes, base64url (43 characters); read as a stream, so the size does not matter. @throws file system errors */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('base64url');
}

/** JSON whose text does not depend on the order in which keys were set. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** @returns 16 characters of base64url (96 bits of sha256) */
export function hashRecipe(recipe: Recipe): string {
  return createHash('sha256').update(canonical(recipe)).digest('base64url').slice(0, 16);
}

export function keyOf(content: string, recipe: string): JobKey {
  return `${content}.${recipe}`;
}

/** The recipe's part of a key. */
export function recipeOfKey(key: JobKey): string {
  return key.slice(key.indexOf('.') + 1);
}

export function newJobId(): string {
  return randomBytes(12).toString('hex');
}
