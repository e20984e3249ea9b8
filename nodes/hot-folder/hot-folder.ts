import { dirname, join } from 'node:path';
import { MangaError, toMangaError } from '../../lib/errors/manga-error.ts';
import { HotFolder } from '../../lib/hotfolder/hot-folder.ts';
import type { HotFolderOptions } from '../../lib/hotfolder/options.ts';
import { pictureProbe } from '../../lib/hotfolder/probe.ts';
import type { FolderState, HotFolderEvents, Job } from '../../lib/hotfolder/types.ts';
import type { JobTicket, MangaMessage } from '../message.ts';
import { userPath } from '../paths.ts';
import { stem } from '../picture.ts';
import type { Node, NodeConfig, NodeStatus, Red } from '../red.ts';
import type { SessionNode } from '../session-of.ts';
import { atMostTwiceASecond } from '../throttle.ts';
import { typedValue } from '../typed-value.ts';

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
  readonly repeat?: HotFolderOptions['repeat'];
}

/** A node or the session went away under the picture, because of a deployment: nothing is wrong with the picture. */
const NOT_ITS_FAULT = new Set(['CANCELLED', 'SESSION_CLOSED']);
/** So such a picture is handed out again, when the deployment is over; but not for ever. */
const AGAIN_MS = 3000;
const MOST_AGAIN = 3;

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-hot-folder', function (this: Node, config: HotFolderConfig) {
    RED.nodes.createNode(this, config);
    const status = atMostTwiceASecond((shown: NodeStatus) => this.status(shown));
    const closing = new AbortController();
    const jobs = new Map<string, { readonly job: Job; again: number }>();
    const handOut = (job: Job): void => this.send(messageOf(config.id, job));

    const opened = open(RED, this, config, closing.signal, {
      job: (job) => {
        jobs.set(job.id, { job, again: 0 });
        handOut(job);
      },
      state: (state) => status.emit(statusOf(RED, state)),
      problem: (error) => this.error(error, {}),
      failed: ({ job }) => void jobs.delete(job ?? ''),
    });
    opened.catch((error: unknown) => {
      if (closing.signal.aborted) return;
      status.emit({ fill: 'red', shape: 'ring', text: 'status.stopped' });
      this.error(toMangaError(error), {});
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
      const flight = jobs.get(ticket.jobId);
      if (flight && NOT_ITS_FAULT.has(error?.code ?? '') && flight.again++ < MOST_AGAIN) {
        setTimeout(() => !closing.signal.aborted && jobs.has(ticket.jobId) && handOut(flight.job), AGAIN_MS).unref();
      } else {
        jobs.delete(ticket.jobId);
        if (error) await folder.fail(ticket.jobId, errorOf(error));
        else await folder.complete(ticket.jobId, outputsOf(message));
      }
      if (session && arena) await (RED.nodes.getNode(session) as SessionNode | null)?.session?.closeArena(arena);
    };

    this.on('input', (message: MangaMessage, _send, done) => {
      // What this node complained about itself comes back when a catch node of the whole tab is wired to it.
      if (message.error && (!message.manga?.job || message.error.source?.id === config.id)) return done();
      acknowledge(message).then(
        () => done(),
        (error: unknown) => done(toMangaError(error)),
      );
    });

    this.on('close', (_removed, done) => {
      status.close();
      closing.abort();
      opened
        .then((folder) => folder.close())
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

async function open(
  RED: Red,
  node: Node,
  config: HotFolderConfig,
  signal: AbortSignal,
  events: HotFolderEvents,
): Promise<HotFolder> {
  await flowsStarted(RED, signal);
  const inbox = await typedValue(RED, node, config.inbox, config.inboxType, {});
  const folder = new HotFolder(
    {
      inbox: inbox === undefined ? '' : userPath(RED, String(inbox)),
      done: config.done ? userPath(RED, config.done) : undefined,
      failed: config.failed ? userPath(RED, config.failed) : undefined,
      recursive: config.recursive,
      doneAction: config.doneAction,
      maxInFlight: Number(config.maxInFlight),
      settleMs: config.settle === '' ? undefined : Math.round(Number(config.settle) * 1000),
      jobTimeoutMs: Math.round(Number(config.timeout) * 1000),
      usePolling: config.usePolling,
      // Nodes saved before there was a choice drew every picture.
      repeat: config.repeat ?? 'rename',
      probe: pictureProbe(),
    },
    events,
  );
  await folder.start();
  return folder;
}

function messageOf(folder: string, job: Job): MangaMessage {
  const ticket: JobTicket = { folder, jobId: job.id, name: job.name, handOut: job.handOut, owner: job.owner };
  const outName = join(dirname(job.relativePath), stem(job.name));
  return {
    payload: job.claimedPath,
    filename: job.sourcePath,
    topic: job.name,
    manga: { job: ticket, source: job.name, outName },
  };
}

function outputsOf(message: MangaMessage): string[] {
  const { payload } = message;
  const path = typeof payload === 'object' && payload !== null ? (payload as { path?: unknown }).path : payload;
  return typeof path === 'string' ? [path] : [];
}

/** The error that a catch node put on the message. */
function errorOf({ code, message, cause }: NonNullable<MangaMessage['error']>): MangaError {
  const text = String(message ?? 'The flow failed.').replace(/^\w*Error: /, '');
  const error = new MangaError(code ?? 'INTERNAL', text);
  const hint = (cause as { hint?: unknown } | undefined)?.hint;
  if (typeof hint === 'string') Object.defineProperty(error, 'hint', { value: hint });
  return error;
}

function statusOf(RED: Red, state: FolderState): NodeStatus {
  const { watching, queued, inFlight, done, failed, settling } = state;
  if (!watching) return { fill: 'red', shape: 'ring', text: 'status.stopped' };
  if (inFlight + queued + settling > 0) {
    return { fill: 'blue', shape: 'dot', text: RED._('status.working', { inFlight, queued: queued + settling }) };
  }
  const text = RED._(failed > 0 ? 'status.idle-failed' : 'status.idle', { done, failed });
  return { fill: failed > 0 ? 'yellow' : 'green', shape: 'dot', text };
}
