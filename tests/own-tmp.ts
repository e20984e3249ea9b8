/**
 * Loaded before each test file: a folder for temporary files of its own, which is gone when the file is through.
 * Files run side by side, and several look at what the code under test leaves in the system's temporary folder.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Set once, for the process of a test file: the programs it starts load this module, too, and stay in its folder. */
const OWN = 'MOTION_MANGA_TEST_TMP';

if (process.env.NODE_TEST_CONTEXT?.startsWith('child') && process.env[OWN] === undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'mm-test-'));
  // As open as the system's own: tests of rights give theirs up within it.
  chmodSync(folder, 0o1777);
  process.env[OWN] = folder;
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
}
