import { randomUUID } from 'node:crypto';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { isPlan, wrong } from '../../lib/plan/build.ts';
import { checkPlan } from '../../lib/plan/check.ts';
import { WalkCollector } from '../../lib/plan/collector.ts';
import type { ConfigReader, NodeRecord } from '../../lib/plan/config-reader.ts';
import { decoderSchema } from '../../lib/plan/settings.ts';
import { trainerSettings } from '../../lib/plan/step-settings.ts';
import type { Plan, PlanStep } from '../../lib/plan/types.ts';
import type { TrainingSession } from '../../lib/session/training-session.ts';
import { errorStatus, localized } from '../localized-error.ts';
import { describe, type MangaMessage } from '../message.ts';
import type { HttpHandler, Node, NodeStatus, Red } from '../red.ts';
import { sessionOf } from '../session-of.ts';
import { atMostTwiceASecond } from '../throttle.ts';
import { nodeReader } from '../training-step.ts';
import { reportLog } from './report-log.ts';
import { reportStatus } from './report-status.ts';
import { TrainingRun } from './training-run.ts';

/** A walk is whole when nothing of it arrived for this long. */
const QUIET_MS = 250;
/** 'start' waits this long for a plan: a deployment's first walk may be on its way. */
const PLAN_MS = 2000;

const ACTIONS = ['start', 'pause', 'resume', 'stop', 'save', 'check', 'toggle'] as const;
type Action = (typeof ACTIONS)[number];

export default function register(RED: Red): void {
  const press: HttpHandler = (request, response) => {
    const { id, action } = request.params;
    const node = RED.nodes.getNode(id ?? '');
    if (node?.type !== 'manga-trainer' || !isAction(action)) return response.status(404).end();
    node.receive({ action });
    response.status(204).end();
  };
  RED.httpAdmin.post('/motion-manga/trainer/:id/:action', RED.auth.needsPermission('motion-manga.write'), press);

  RED.nodes.registerType('manga-trainer', function (this: Node, config: NodeRecord) {
    RED.nodes.createNode(this, config);
    const status = atMostTwiceASecond((shown: NodeStatus) => this.status(shown));
    const walks = new WalkCollector(QUIET_MS);
    const waiting = new Set<() => void>();
    let plan: Plan | undefined;
    let run: TrainingRun | undefined;
    let starting = false;
    let closed = false;

    const arrive = async (message: MangaMessage): Promise<void> => {
      if (!isPlan(message.plan)) throw noPlan(message);
      const joined = await walks.add(message.plan);
      if (!joined) return;
      const before = plan;
      plan = undefined;
      checkPlan(joined);
      checkOneDataset(joined, before);
      plan = joined;
      // Whatever brought it late: the losses behind it are not part of the run.
      if (run?.active && before?.walk === joined.walk) this.warn(RED._('log.late'));
      for (const go of waiting) go();
      if (!run?.active) status.emit({ fill: 'grey', shape: 'dot', text: RED._('status.ready') });
      if (message.action !== undefined) await act(message);
    };

    /** Each deployment lets every dataset walk: with two, which plan counts would be chance. */
    const checkOneDataset = (arrived: Plan, before: Plan | undefined): void => {
      const [dataset, other] = [datasetOf(arrived), before && datasetOf(before)];
      if (!dataset || !other || other.id === dataset.id || !RED.nodes.getNode(other.id)) return;
      throw wrong(dataset, 'another dataset leads to the same trainer', 'Wire one manga-dataset, disable the other.');
    };

    const planSoon = (): Promise<unknown> =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PLAN_MS);
        const go = (): void => {
          clearTimeout(timer);
          waiting.delete(go);
          resolve();
        };
        waiting.add(go);
      });

    const checked = async (): Promise<Plan> => {
      if (!plan) await planSoon();
      if (plan) return plan;
      throw new MangaError(
        'BAD_WIRING',
        'No whole plan has arrived here.',
        'Wire dataset, encoder, tcn-decoder, discriminator and losses in front of this node; then deploy.',
      );
    };

    const start = async (message: MangaMessage, goOn: boolean): Promise<void> => {
      if (run?.active || starting) return;
      starting = true;
      try {
        const wired = await checked();
        const reader = nodeReader(RED, this, message);
        const settings = { ...(await trainerSettings(config, reader)), ...(await named(reader)) };
        const chosen = goOn ? { ...settings, resume: settings.out } : settings;
        checkPlan(wired, chosen);
        if (closed) return;
        const session = sessionOf(RED, wired.session) as unknown as TrainingSession;
        this.send([null, null, { topic: 'plan', payload: wired, settings: chosen }]);
        status.emit({ fill: 'blue', shape: 'ring', text: RED._('status.starting') });
        const identity = {
          id: randomUUID(),
          out: chosen.out,
          batch: chosen.batch,
          frames: framesOf(wired),
          resumed: chosen.resume !== undefined,
        };
        const startedAt = performance.now();
        const log = reportLog(RED, this);
        run = new TrainingRun(session, {
          report: (report) => {
            status.emit(reportStatus(RED, report, (performance.now() - startedAt) / 1000));
            log(report);
            this.send([{ topic: 'training', payload: report, run: identity }, null, null]);
          },
          checkpoint: (path, report) => {
            this.send([
              null,
              { topic: 'checkpoint', payload: path, filename: path, step: report.checkpointStep },
              null,
            ]);
          },
          failed: (error) => {
            const own = fail(error, message);
            if (own) this.error(own, message);
          },
        });
        const began = await run.start(wired, chosen);
        if (!began) status.emit({ fill: 'grey', shape: 'dot', text: RED._('status.ready') });
      } finally {
        starting = false;
      }
    };

    const act = async (message: MangaMessage): Promise<void> => {
      const { action } = message;
      if (!isAction(action)) {
        const words = ACTIONS.filter((word) => word !== 'toggle').join(', ');
        throw new MangaError(
          'BAD_INPUT',
          `msg.action is ${describe(action)} that says nothing here.`,
          `Send one of ${words}.`,
        );
      }
      const active = run?.active ? run : undefined;
      if (action === 'check') return this.send([null, null, { topic: 'plan', payload: await checked() }]);
      if (action === 'start' || (action === 'toggle' && !active)) return start(message, false);
      if (action === 'resume' && !active) return start(message, true);
      if (!active) throw new MangaError('BAD_INPUT', `There is no training to ${action}.`, "Send 'start' first.");
      if (action === 'toggle') return active.control(active.paused ? 'resume' : 'pause');
      return active.control(action);
    };

    /** Shows an error at the node where the mistake is. @returns the error, if that is this node */
    const fail = (thrown: unknown, message: MangaMessage): MangaError | undefined => {
      const error = localized(RED, thrown);
      const shown = errorStatus(RED, thrown);
      status.emit(shown);
      const elsewhere = thrown instanceof MangaError && thrown.node ? RED.nodes.getNode(thrown.node) : undefined;
      if (!elsewhere) return error;
      elsewhere.status(shown);
      elsewhere.error(error, message);
      return undefined;
    };

    this.on('input', (message: MangaMessage, _send, done) => {
      const work = message.plan === undefined && message.action !== undefined ? act(message) : arrive(message);
      work.then(
        () => done(),
        // What is given up by a redeployment is no error.
        (error: unknown) => done(closed ? undefined : fail(error, message)),
      );
    });

    this.on('close', (_removed, done) => {
      closed = true;
      status.close();
      walks.close();
      for (const go of waiting) go();
      (run?.close() ?? Promise.resolve()).then(done, done);
    });
  });
}

/** The name of the tab, for the checkpoint. */
async function named(reader: ConfigReader): Promise<{ flow?: string }> {
  const flow = await reader.value('NR_FLOW_NAME', 'env');
  return typeof flow === 'string' && flow !== '' ? { flow } : {};
}

function isAction(value: unknown): value is Action {
  return ACTIONS.some((action) => action === value);
}

/** Frames of a sequence. */
const framesOf = ({ steps }: Plan): number =>
  decoderSchema.parse(steps.find(({ block }) => block === 'tcn-decoder')?.settings ?? {}).frames;

const datasetOf = ({ steps }: Plan): PlanStep | undefined => steps.find(({ block }) => block === 'dataset');

function noPlan({ payload }: MangaMessage): MangaError {
  return new MangaError(
    'BAD_WIRING',
    `A message without msg.plan and without msg.action arrived; msg.payload is ${describe(payload)}.`,
    'Wire losses in front of this node, with a manga-dataset at the beginning; or send msg.action: start, pause, resume, stop or save.',
  );
}
