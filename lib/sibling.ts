/**
 * URL of a module beside this one, whichever way we run: `.ts` from sources, `.js` from dist.
 * @param name relative, without extension: './worker'
 * @param from the caller's import.meta.url
 */
export function sibling(name: string, from: string): URL {
  const extension = from.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`${name}${extension}`, from);
}
