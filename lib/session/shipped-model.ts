import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of the checkpoint that comes with the package, below its root. */
const SHIPPED = 'models/default';

/** @returns the absolute path of the shipped checkpoint's folder, whether we run from sources or from dist/ */
export function shippedModel(): string {
  const roots = ['../../', '../../../'].map((up) => new URL(up, import.meta.url));
  const root = roots.find((url) => existsSync(new URL('package.json', url))) ?? roots[0]!;
  return fileURLToPath(new URL(SHIPPED, root));
}
