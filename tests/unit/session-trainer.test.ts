/** Training in a session: told to stop or pause while the run is being opened. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { trainerSchema } from '../../lib/plan/settings.ts';
import type { TrainingReport } from '../../lib/plan/types.ts';
import { samplePhotos } from '../../lib/samples.ts';
import { createSessionTrainer } from '../../lib/training/gan/session-trainer.ts';
import { planOf } from './plan-support.ts';
import { withTensorflow } from './training-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'motion-manga-session-trainer-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Small and quick: one loss, all of it from the first step. */
const SMALL = { dataset: ['encoder'], encoder: ['decoder'], decoder: ['temporal'], temporal: ['trainer'] };
const smallPlan = async (photos: readonly string[] = [samplePhotos()]) =>
  (
    await planOf(SMALL, {
      dataset: { photos: JSON.stringify(photos), photosType: 'json', side: 32, frames: 2, longSide: 512 },
      decoder: { trainSide: 32, trainFrames: 2 },
    })
  ).plan;
const settingsOf = (out: string) =>
  trainerSchema.parse({
    ...{ out: join(folder, out), schedule: 'plain', steps: 1000, batch: 1, microBatch: 1, sampleEvery: 0 },
  });

await withTensorflow(() => {
  const trainer = createSessionTrainer(['tensorflow']);
  const until = async (wanted: (report: TrainingReport) => boolean): Promise<TrainingReport> => {
    for (;;) {
      const report = await trainer.trainingReport();
      if (wanted(report)) return report;
      assert.notEqual(report.state, 'failed', report.problem);
      await sleep(20);
    }
  };
  const cancelled = (error: unknown) => error instanceof MangaError && error.code === 'CANCELLED';

  test('stop while a run is being opened gives it up: nothing trains on, and the next start is taken', async () => {
    const plan = await smallPlan();
    const given = assert.rejects(trainer.startTraining(plan, settingsOf('given-up')), cancelled);
    assert.equal((await trainer.trainingReport()).state, 'starting');
    await trainer.controlTraining('stop');
    assert.equal((await trainer.trainingReport()).state, 'stopping');
    // As a redeployed node does: it does not wait for the old one's start.
    const next = trainer.startTraining(plan, settingsOf('next'));
    await given;
    await next;
    await until(({ step }) => step > 0);
    assert.ok(!existsSync(join(folder, 'given-up')), 'the run that was given up left nothing');
    await trainer.controlTraining('stop');
    await until(({ state }) => state === 'finished');
  });

  test('pause while a run is being opened holds it before its first step; the data and what was skipped are told', async () => {
    const broken = join(folder, 'photos');
    mkdirSync(broken);
    writeFileSync(join(broken, 'broken.jpg'), 'no picture');
    const starting = trainer.startTraining(await smallPlan([samplePhotos(), broken]), settingsOf('paused'));
    await trainer.controlTraining('pause');
    await starting;
    const paused = await until(({ state }) => state === 'paused');
    assert.equal(paused.step, 0);
    assert.match(paused.data!, /^5 photos drawn in \d+ styles$/);
    assert.equal(paused.skipped?.count, 1);
    assert.match(paused.skipped.first[0]!.where, /broken\.jpg$/);
    await trainer.controlTraining('resume');
    const running = await until(({ step }) => step > 0);
    assert.equal(running.engine, 'tensorflow');
    assert.ok(running.etaSeconds! > 0 && running.stepsPerSecond! > 0);
  });

  test('closing ends a run, and one that is being opened', async () => {
    await trainer.close();
    assert.equal((await trainer.trainingReport()).state, 'finished');
    const given = assert.rejects(trainer.startTraining(await smallPlan(), settingsOf('closed')), cancelled);
    await trainer.close();
    await given;
    assert.equal(trainer.tensors(), 0);
    assert.ok(!existsSync(join(folder, 'closed')));
  });
});
