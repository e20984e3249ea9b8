/** A disk that is soon full, for tests of what happens then. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** A small disk of its own, gone after the test; or why there is none. */
export function smallDisk(
  t: TestContext,
  kilobytes: number,
): { readonly disk: string } | { readonly unavailable: string } {
  const disk = mkdtempSync(path.join(tmpdir(), 'manga-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'none', disk], { stdio: 'pipe' });
    t.after(() => {
      execFileSync('umount', [disk]);
      rmSync(disk, { recursive: true });
    });
    return { disk };
  } catch (error) {
    rmSync(disk, { recursive: true });
    const reason = String((error as { stderr?: Buffer }).stderr ?? '').trim() || (error as Error).message;
    return { unavailable: `no small disk could be mounted (it takes root): ${reason}` };
  }
}
