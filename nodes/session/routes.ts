/** What the sidebar 'Manga sessions' fetches and does (common/sessions-sidebar.html). */
import { setTimeout as wait } from 'node:timers/promises';
import { toMangaError } from '../../lib/errors/manga-error.ts';
import type { TrainingReport } from '../../lib/plan/types.ts';
import type { SessionHost, SessionState } from '../../lib/session/host.ts';
import type { SessionStats } from '../../lib/session/types.ts';
import type { HttpHandler, Red } from '../red.ts';

/** A process in the middle of a long operation answers later than a sidebar waits. */
const ANSWER_MS = 2500;
const ROOT = '/motion-manga/sessions';

/** A session as the sidebar shows it. */
interface SessionView {
  readonly id: string;
  readonly name: string;
  /** As chosen in the form. */
  readonly engine: string;
  readonly model: string;
  readonly phase: SessionState['phase'];
  /** What runs, or what went wrong. */
  readonly description: string;
  readonly crashes: number;
  readonly uptimeSeconds?: number;
  /** Missing while the process is too busy to answer. */
  readonly stats?: SessionStats;
  readonly training?: TrainingReport;
}

const sessions = new Map<string, { readonly name: string; readonly host: SessionHost }>();

/** Shows a node's session from now on. @returns a function that ends that */
export function show(id: string, name: string, host: SessionHost): () => void {
  const shown = { name, host };
  sessions.set(id, shown);
  return () => void (sessions.get(id) === shown && sessions.delete(id));
}

async function viewOf(id: string, name: string, host: SessionHost): Promise<SessionView> {
  const { engine, model } = host.options;
  const asked = Promise.all([host.stats(), host.training()]).catch(() => []);
  const [stats, training] = await Promise.race([asked, wait(ANSWER_MS, [], { ref: false })]);
  const { startedAt, crashes, state } = host;
  const uptimeSeconds = startedAt === undefined ? undefined : Math.max(0, Math.round((Date.now() - startedAt) / 1000));
  return { id, name, engine, model, ...state, crashes, uptimeSeconds, stats, training };
}

/** Ends the process; the next one starts at once, so that what is wrong with it shows. */
async function restart(host: SessionHost): Promise<void> {
  await host.close();
  await host.start();
}

/** Once for all sessions. */
export function addSessionRoutes(RED: Red): void {
  const list: HttpHandler = (_request, response) => {
    const views = [...sessions].map(([id, { name, host }]) => viewOf(id, name, host));
    void Promise.all(views).then((all) => response.json(all));
  };
  const doing =
    (act: (host: SessionHost) => Promise<unknown>): HttpHandler =>
    (request, response) => {
      const host = sessions.get(request.params.id ?? '')?.host;
      if (!host) return response.status(404).json({ error: 'There is no such session.' });
      act(host).then(
        (freed) => response.json({ freed }),
        (error: unknown) => response.status(500).json({ error: toMangaError(error).message }),
      );
    };
  RED.httpAdmin.get(ROOT, RED.auth.needsPermission('motion-manga.read'), list);
  const mayWrite = RED.auth.needsPermission('motion-manga.write');
  RED.httpAdmin.post(
    `${ROOT}/:id/release`,
    mayWrite,
    doing((host) => host.releaseIdle()),
  );
  RED.httpAdmin.post(`${ROOT}/:id/restart`, mayWrite, doing(restart));
}
