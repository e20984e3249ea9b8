import { dirname, join } from 'node:path';
import { modelFolder, packageVersion } from '../../lib/checkpoint/shipped.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { type FlowNodeConfig, flowRecipe } from '../../lib/hotfolder/flow-recipe.ts';
import { HotFolder } from '../../lib/hotfolder/hot-folder.ts';
import { viewOf } from '../../lib/hotfolder/job-view.ts';
import { modelIdentity } from '../../lib/hotfolder/model-identity.ts';
import type { HotFolderOptions } from '../../lib/hotfolder/options.ts';
import { pictureProbe } from '../../lib/hotfolder/probe.ts';
import type { FolderState, HotFolderEvents, Job } from '../../lib/hotfolder/types.ts';
import type { JobRecord, Recipe } from '../../lib/ledger/types.ts';
import { readStillView } from '../../lib/motion/still-view.ts';
import { flowDrawing } from '../../lib/queue/flow-drawing.ts';
import { QueuedJobs } from '../../lib/queue/queued-jobs.ts';
import { localized } from '../localized-error.ts';
import type { JobTicket, MangaMessage } from '../message.ts';
import { Pace } from '../pace.ts';
import { userPath } from '../paths.ts';
import { stem } from '../picture.ts';
import type { Message, Node, NodeConfig, NodeStatus, Red } from '../red.ts';
import type { SessionNode } from '../session-of.ts';
import { statusText } from '../status-words.ts';
import { atMostTwiceASecond } from '../throttle.ts';
import { typedValue } from '../typed-value.ts';
import { addRoutes, routeOf, serve } from './routes.ts';

interface HotFolderConfig extends NodeConfig {
  readonly inbox: string;
  readonly inboxType: string;
  readonly recursive: boolean;
  readonly doneAction: HotFolderOptions['doneAction'];
  readonly done: string;
  readonly failed: string;
  readonly maxInFlight: string;
  /** Seconds; blank: automatic. */
  readonly settle: string;
  /** Seconds. */
  readonly timeout: string;
  readonly usePolling: HotFolderOptions['usePolling'];
  /** The following are missing in nodes saved by the first version. */
  readonly repeat?: HotFolderOptions['repeat'];
  readonly order?: HotFolderOptions['order'];
  readonly markers?: boolean;
  /** Address of a queue in Redis; blank: the flow draws. */
  readonly queue?: string;
  /** Folder that workers share; blank: pictures travel through Redis. */
  readonly shared?: string;
}

/** Characters of a recipe that go into a clip's metadata; the sidecar has it whole. */
const MOST_RECIPE = 8000;
const ACTIONS = ['pause', 'resume', 'retry', 'redo', 'cancel'] as const;

export default function register(RED: Red): void {
  addRoutes(RED);
  RED.nodes.registerType('manga-hot-folder', function (this: Node, config: HotFolderConfig) {
    RED.nodes.createNode(this, config);
    const status = atMostTwiceASecond((shown: NodeStatus) => this.status(shown));
    const closing = new AbortController();
    const pace = new Pace();

    const tell = (record: JobRecord, folder: HotFolder): void => {
      const payload = viewOf(record, routeOf(config.id), folder.thumbnail(record.id) !== undefined);
      const message: Message = { topic: record.name, job: record.id, payload };
      const well = record.state === 'done' || record.state === 'skipped';
      this.send([null, well ? message : null, well ? null : message]);
    };
    const queued = config.queue ? queuedJobs(RED, config.id, config.queue, config.shared) : undefined;
    const opened = open(RED, this, config, closing.signal, (folder) => ({
      job: (job, recipe) => {
        if (queued) void queued.run(job, folder(), madeBy(job, recipe));
        else this.send(messageOf(config.id, job, recipe));
      },
      state: (state) => status.emit(statusOf(RED, state, pace)),
      problem: (error, job) => this.error(localized(RED, error), job === undefined ? {} : { job }),
      over: (record) => tell(record, folder()),
    }));
    opened.catch((error: unknown) => {
      if (closing.signal.aborted) return;
      status.emit({ fill: 'red', shape: 'ring', text: RED._('status.stopped') });
      this.error(localized(RED, error), {});
    });

    /** Files the message's picture away, and frees its memory. */
    const acknowledge = async (message: MangaMessage): Promise<void> => {
      const { job: ticket, session, arena } = message.manga ?? {};
      if (ticket?.folder !== config.id) {
        throw new MangaError(
          'BAD_WIRING',
          `This message carries ${ticket ? "another hot folder's picture" : 'no picture of this hot folder'}.`,
          'Wire only the last node of the flow that this node starts to its input.',
        );
      }
      const folder = await opened;
      const { error } = message;
      try {
        if (error) await folder.fail(ticket.jobId, errorOf(error), ticket.handOut);
        else await folder.complete(ticket.jobId, outputsOf(message), ticket.handOut, stillOf(message));
      } finally {
        if (session && arena) await (RED.nodes.getNode(session) as SessionNode | null)?.session?.closeArena(arena);
      }
    };

    const act = async ({ action, job }: MangaMessage & { job?: unknown }): Promise<void> => {
      const folder = await opened;
      const id = typeof job === 'string' ? job : undefined;
      if (action === 'pause') folder.pause();
      else if (action === 'resume') folder.resume();
      else if (action === 'retry') await folder.retry(id);
      else if (action === 'redo') await folder.redo(id);
      else await folder.cancel(id ?? '');
    };

    this.on('input', (message: MangaMessage, _send, done) => {
      // What this node complained about itself comes back when a catch node of the whole tab is wired to it.
      if (message.error && (!message.manga?.job || message.error.source?.id === config.id)) return done();
      const asks = !message.manga?.job && (ACTIONS as readonly unknown[]).includes(message.action);
      (asks ? act(message) : acknowledge(message)).then(
        () => done(),
        (error: unknown) => done(localized(RED, error)),
      );
    });

    this.on('close', (_removed, done) => {
      status.close();
      closing.abort();
      opened
        .then((folder) => Promise.all([queued?.close(), folder.close()]))
        .catch(() => undefined)
        .then(done);
    });
  });
}

/** Resolves when all nodes run, so that none misses the first picture. */
function flowsStarted(RED: Red, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    RED.events.once('flows:started', resolve);
    signal.addEventListener('abort', () => {
      RED.events.off('flows:started', resolve);
      reject(signal.reason);
    });
  });
}

function allNodes(RED: Red): FlowNodeConfig[] {
  const nodes: FlowNodeConfig[] = [];
  RED.nodes.eachNode((node) => nodes.push(node as FlowNodeConfig));
  return nodes;
}

const flowBehind = (RED: Red, id: string) => flowRecipe(allNodes(RED), id);

function queuedJobs(RED: Red, id: string, url: string, shared: string | undefined): QueuedJobs {
  return new QueuedJobs({
    url,
    shared: shared ? userPath(RED, shared) : undefined,
    drawing: () => flowDrawing(allNodes(RED), id),
    folder: (typed) => userPath(RED, typed),
  });
}

/** What the flow makes of a picture now: settings of the nodes behind this one, and the model of their session. */
async function recipeOf(RED: Red, id: string): Promise<Recipe> {
  const { settings, sessions } = flowBehind(RED, id);
  const models = await Promise.all(
    sessions.map((session) => {
      const model = (RED.nodes.getNode(session) as SessionNode | null)?.session?.options.model;
      return model === undefined ? '' : modelIdentity(modelFolder(model));
    }),
  );
  return { version: packageVersion(), model: models.join(' '), settings };
}

async function open(
  RED: Red,
  node: Node,
  config: HotFolderConfig,
  signal: AbortSignal,
  events: (folder: () => HotFolder) => HotFolderEvents,
): Promise<HotFolder> {
  await flowsStarted(RED, signal);
  const inbox = await typedValue(RED, node, config.inbox, config.inboxType, {});
  const folder: HotFolder = new HotFolder(
    {
      inbox: inbox === undefined ? '' : userPath(RED, String(inbox)),
      done: config.done ? userPath(RED, config.done) : undefined,
      failed: config.failed ? userPath(RED, config.failed) : undefined,
      outDirs: flowBehind(RED, config.id).outFolders.map((path) => userPath(RED, path)),
      recursive: config.recursive,
      doneAction: config.doneAction,
      maxInFlight: Number(config.maxInFlight),
      settleMs: config.settle === '' ? undefined : Math.round(Number(config.settle) * 1000),
      jobTimeoutMs: Math.round(Number(config.timeout) * 1000),
      usePolling: config.usePolling,
      // As the first version did: it drew every picture that came.
      repeat: config.repeat ?? 'rename',
      order: config.order,
      markers: config.markers,
      recipe: () => recipeOf(RED, config.id),
      probe: pictureProbe(),
    },
    events(() => folder),
  );
  await folder.start();
  const unserve = serve(config.id, { name: config.name || '', folder, outDirs: folder.outDirs });
  signal.addEventListener('abort', unserve);
  if (signal.aborted) unserve();
  return folder;
}

/** Written into the clip. */
function madeBy({ key }: Job, { version, model, settings }: Recipe): string {
  const short = { motionManga: version, key, model };
  const whole = JSON.stringify({ ...short, settings });
  return whole.length <= MOST_RECIPE ? whole : JSON.stringify(short);
}

function messageOf(folder: string, job: Job, recipe: Recipe): MangaMessage {
  const { id: jobId, handOut, owner, name } = job;
  const ticket: JobTicket = { folder, jobId, name, handOut, owner };
  const outName = join(dirname(job.clipName), stem(job.clipName));
  return {
    payload: job.claimedPath,
    filename: job.sourcePath,
    topic: name,
    job: jobId,
    manga: { job: ticket, source: name, outName, recipe: madeBy(job, recipe) },
  };
}

function outputsOf(message: MangaMessage): string[] {
  const { payload } = message;
  const path = typeof payload === 'object' && payload !== null ? (payload as { path?: unknown }).path : payload;
  return typeof path === 'string' ? [path] : [];
}

const stillOf = ({ payload }: MangaMessage) => readStillView((Object(payload) as { still?: unknown }).still);

/** The error that a catch node put on the message; in English, as all that the folder keeps. */
function errorOf({ code, message, cause }: NonNullable<MangaMessage['error']>): MangaError {
  const { hint, detail } = (cause ?? {}) as { hint?: unknown; detail?: unknown };
  const text = String(detail ?? message ?? 'The flow failed.').replace(/^\w*Error: /, '');
  const error = new MangaError(code ?? 'INTERNAL', text);
  if (typeof hint === 'string') Object.defineProperty(error, 'hint', { value: hint });
  return error;
}

/** @param pace of the jobs that are over */
function statusOf(RED: Red, state: FolderState, pace: Pace): NodeStatus {
  const { watching, paused, queued, inFlight, retrying, done, failed, settling } = state;
  if (!watching) return { fill: 'red', shape: 'ring', text: RED._('status.stopped') };
  const over = done + failed;
  const waiting = queued + settling + retrying;
  if (paused || inFlight + waiting === 0) pace.rest();
  if (paused === 'disk-full') return { fill: 'red', shape: 'dot', text: RED._('status.disk-full') };
  if (paused) return { fill: 'grey', shape: 'ring', text: RED._('status.paused', { queued: waiting }) };
  if (inFlight + waiting > 0) {
    const text = RED._('status.working', { inFlight, queued: waiting });
    pace.reach(over);
    const secondsLeft = pace.secondsLeft(over + inFlight + waiting);
    return { fill: 'blue', shape: 'dot', text: statusText(RED, { text, secondsLeft }) };
  }
  const text = RED._(failed > 0 ? 'status.idle-failed' : 'status.idle', { done, failed });
  return { fill: failed > 0 ? 'yellow' : 'green', shape: 'dot', text };
}
