/** Nothing of an earlier run is lost when another begins in its folder. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { checkBeginning, setAside } from '../../lib/training/gan/earlier-run.ts';
import { saveRun } from '../../lib/training/gan/run-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'motion-manga-earlier-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const weights = { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) } as const;

/** A run's folder, with a state of this step. */
async function ran(name: string, step: number, steps?: number): Promise<string> {
  const out = join(folder, name);
  await saveRun(out, step, { tensors: new Map([['w', weights]]), progress: { step, steps } }, 3);
  mkdirSync(join(out, 'samples'));
  writeFileSync(join(out, 'samples', 'step-00000001.png'), 'picture');
  writeFileSync(join(out, 'generator.safetensors'), `weights of ${name}`);
  writeFileSync(join(out, 'notes.txt'), 'mine');
  return out;
}

const refusal = (pattern: RegExp) => (error: unknown) =>
  error instanceof MangaError && error.code === 'BAD_SETTING' && pattern.test(error.message);

test('a run does not begin where an unfinished one lies, unless it goes on with it or begins anew', async () => {
  const out = await ran('unfinished', 40, 100);
  await assert.rejects(checkBeginning({ out }), refusal(/step 40 of 100\. Go on with it .*--resume.*--anew/));
  await assert.rejects(checkBeginning({ out, resume: join(folder, 'other') }), refusal(/step 40/));
  await checkBeginning({ out, resume: `${out}/` });
  await checkBeginning({ out, anew: true });
  assert.equal(await setAside({ out, resume: out }), null, 'what goes on stays');
  assert.ok(existsSync(join(out, 'checkpoints')));
});

test('a state that does not tell its length, or is damaged, counts as unfinished', async () => {
  await assert.rejects(checkBeginning({ out: await ran('old', 7) }), refusal(/not finished: step 7\. /));
  const out = await ran('damaged', 100, 100);
  writeFileSync(join(out, 'checkpoints', 'step-00000100.safetensors'), 'cut');
  await assert.rejects(checkBeginning({ out }), refusal(/step 100\. /));
});

test('what a finished run left is moved to a numbered folder; its checkpoint draws on; what is not of it stays', async () => {
  const out = await ran('finished', 100, 100);
  mkdirSync(`${out}-1`);
  await checkBeginning({ out });
  const aside = await setAside({ out });
  assert.equal(aside, `${out}-2`);
  assert.deepEqual(readdirSync(aside).sort(), ['checkpoints', 'generator.safetensors', 'samples']);
  assert.deepEqual(readdirSync(join(aside, 'checkpoints')), ['step-00000100.safetensors']);
  assert.deepEqual(readdirSync(out).sort(), ['generator.safetensors', 'notes.txt']);
  assert.equal(readFileSync(join(aside, 'generator.safetensors'), 'utf8'), 'weights of finished');
});

test('an empty folder, and none, are begun in', async () => {
  const out = join(folder, 'new');
  await checkBeginning({ out });
  assert.equal(await setAside({ out }), null);
  mkdirSync(join(out, 'checkpoints'), { recursive: true });
  writeFileSync(join(out, 'checkpoints', 'step-00000400.safetensors.0a1b2c.tmp'), 'half');
  assert.equal(await setAside({ out }), null, 'half of a state is no run');
});
