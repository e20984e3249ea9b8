/** Which checkpoint a session draws by: training may write a newer one at any time. */
import { join } from 'node:path';
import { WEIGHTS_FILE } from '../checkpoint/checkpoint.ts';
import { hashFile } from '../ledger/key.ts';
import { type FileStamp, sameStamp } from './settle.ts';
import { stampOf } from './stamp.ts';

const known = new Map<string, { readonly stamp: FileStamp; readonly hash: string }>();

/** @returns sha256 of the checkpoint's weights, base64url; '' if there are none. Hashes a file once, unless it changes. */
export async function modelIdentity(folder: string): Promise<string> {
  const path = join(folder, WEIGHTS_FILE);
  const stamp = await stampOf(path).catch(() => undefined);
  if (!stamp) return '';
  const old = known.get(path);
  if (old && sameStamp(old.stamp, stamp)) return old.hash;
  const hash = await hashFile(path).catch(() => '');
  known.set(path, { stamp, hash });
  return hash;
}
