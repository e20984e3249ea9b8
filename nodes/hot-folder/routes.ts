/** The hot folders' HTTP routes (docs/hot-folder.md): ids in, never a path. */
import { toMangaError } from '../../lib/errors/manga-error.ts';
import type { HotFolder } from '../../lib/hotfolder/hot-folder.ts';
import { mediaFile, viewOf } from '../../lib/hotfolder/job-view.ts';
import { Photos } from '../../lib/hotfolder/photos.ts';
import { recipeView } from '../../lib/hotfolder/recipe-view.ts';
import { readSidecar } from '../../lib/hotfolder/sidecar.ts';
import { type JobRecord, type JobState, OVER } from '../../lib/ledger/types.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Red } from '../red.ts';

/** An open hot folder of a node. */
export interface Served {
  readonly name: string;
  readonly folder: HotFolder;
  /** Absolute, links resolved. */
  readonly outDirs: readonly string[];
}

const ROOT = 'motion-manga/hot-folders';
const MOST_LISTED = 1000;
const MOST_WAITING = 500;
const STATES: readonly string[] = ['waiting', 'running', ...OVER];

/** Browsers ask whether their copy is still right. */
const HEADERS = {
  'Cache-Control': 'private, no-cache',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'",
};

const photos = new Photos();
const served = new Map<string, Served>();

/** Shows a node's jobs from now on. @returns a function that ends that */
export function serve(node: string, what: Served): () => void {
  served.set(node, what);
  return () => void (served.get(node) === what && served.delete(node));
}

export const routeOf = (node: string): string => `${ROOT}/${node}`;

class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Answer = (request: HttpRequest, response: HttpResponse) => unknown;

/** Sends what `answer` returns as JSON, and every failure too. */
function handler(answer: Answer): HttpHandler {
  return (request, response) => {
    Promise.resolve()
      .then(() => answer(request, response))
      .then((body) => body !== undefined && response.json(body))
      .catch((error: unknown) => {
        if (response.headersSent) return;
        const { code, message } = toMangaError(error);
        const status = error instanceof Refused ? error.status : code === 'BAD_INPUT' ? 409 : 500;
        response.status(status).json({ error: message });
      });
  };
}

function folderOf({ params }: HttpRequest): Served {
  const found = served.get(params.node ?? '');
  if (!found) throw new Refused(404, 'There is no such hot folder, or it is not open.');
  return found;
}

function jobOf(request: HttpRequest): JobRecord {
  const id = request.params.job ?? '';
  const { folder } = folderOf(request);
  const record = folder.job(id) ?? folder.waiting(MOST_WAITING).find((job) => job.id === id);
  if (!record) throw new Refused(404, 'There is no such job.');
  return record;
}

/** What is counted since the start, and of all jobs that are remembered. */
const stateOf = (folder: HotFolder) => ({ ...folder.counts(), all: folder.totals() });

function view(request: HttpRequest, record: JobRecord) {
  const { folder } = folderOf(request);
  return viewOf(record, routeOf(request.params.node!), folder.thumbnail(record.id) !== undefined);
}

function list(request: HttpRequest) {
  const { folder } = folderOf(request);
  const { state, limit, before } = request.query;
  const asked = typeof state === 'string' && state !== '' ? state.split(',') : [...STATES];
  const states = asked.filter((each): each is JobState => STATES.includes(each));
  const most = Math.min(MOST_LISTED, Math.max(1, Number(limit) || 100));
  const older = Number(before) || Infinity;
  const jobs = folder.jobs({ states, before: older, limit: most });
  if (states.includes('waiting') && older === Infinity && jobs.length < most) {
    jobs.push(...folder.waiting(Math.min(MOST_WAITING, most - jobs.length)));
  }
  return { state: stateOf(folder), jobs: jobs.map((record) => view(request, record)) };
}

/** Sends a file that was found by an id. */
function send(response: HttpResponse, path: string, type: string): void {
  const headers = { ...HEADERS, 'Content-Type': type };
  response.sendFile(path, { dotfiles: 'allow', headers }, (error) => {
    if (error && !response.headersSent) response.status(404).json({ error: 'The file is not there any more.' });
  });
}

async function media(request: HttpRequest, response: HttpResponse): Promise<void> {
  const file = await mediaFile(jobOf(request), Number(request.params.n), folderOf(request).outDirs);
  if (!file) throw new Refused(404, 'There is no such clip.');
  send(response, file.path, file.type);
}

function thumb(request: HttpRequest, response: HttpResponse): void {
  const path = folderOf(request).folder.thumbnail(jobOf(request).id);
  if (!path) throw new Refused(404, 'There is no small picture of this job.');
  send(response, path, 'image/webp');
}

/** The photo as large as a dialog needs it; the small one where the original is gone. */
async function photo(request: HttpRequest, response: HttpResponse): Promise<void> {
  const original = await folderOf(request).folder.original(jobOf(request).id);
  const found = original && (await photos.etag(original).catch(() => undefined));
  if (found && request.headers['if-none-match'] === found) return response.set({ ETag: found }).status(304).end();
  const read = found && (await photos.read(original).catch(() => undefined));
  if (!read) return thumb(request, response);
  response.set({ ...HEADERS, 'Content-Type': 'image/webp', ETag: read.etag }).send(read.webp);
}

async function recipe(request: HttpRequest) {
  const [clip] = jobOf(request).outputs ?? [];
  const sidecar = clip === undefined ? undefined : await readSidecar(clip);
  if (!sidecar) throw new Refused(404, 'There is no recipe of this job.');
  return recipeView(sidecar);
}

const READ: Readonly<Record<string, Answer>> = {
  '': () => [...served].map(([node, { name, folder }]) => ({ node, name, state: stateOf(folder) })),
  '/:node/jobs': list,
  '/:node/jobs/:job': (request) => view(request, jobOf(request)),
  '/:node/jobs/:job/thumb': thumb,
  '/:node/jobs/:job/photo': photo,
  '/:node/jobs/:job/recipe': recipe,
  '/:node/jobs/:job/media/:n': media,
};

const WRITE: Readonly<Record<string, (folder: HotFolder, job: string) => unknown>> = {
  '/:node/pause': (folder) => folder.pause(),
  '/:node/resume': (folder) => folder.resume(),
  '/:node/retry': (folder) => folder.retry(),
  '/:node/redo': (folder) => folder.redo(),
  '/:node/jobs/:job/retry': (folder, job) => folder.retry(job),
  '/:node/jobs/:job/redo': (folder, job) => folder.redo(job),
  '/:node/jobs/:job/cancel': (folder, job) => folder.cancel(job),
};

/** What stands before visitors: they see the photos in the dashboard, so its login guards them here, too. */
function guards({ settings }: Red): HttpHandler[] {
  const dashboard = (settings.dashboard || settings.ui)?.middleware;
  return [settings.httpNodeMiddleware ?? [], dashboard ?? []].flat().filter((each) => typeof each === 'function');
}

/** Once for all hot folders. */
export function addRoutes(RED: Red): void {
  const middleware = guards(RED);
  for (const [path, answer] of Object.entries(READ)) {
    const route = `/${ROOT}${path}`;
    RED.httpAdmin.get(route, RED.auth.needsPermission('motion-manga.read'), handler(answer));
    RED.httpNode?.get(route, ...middleware, handler(answer));
  }
  for (const [path, act] of Object.entries(WRITE)) {
    const answer: Answer = async (request) => {
      const { folder } = folderOf(request);
      if (request.params.job !== undefined) jobOf(request);
      return { jobs: Number((await act(folder, request.params.job ?? '')) ?? 0) };
    };
    RED.httpAdmin.post(`/${ROOT}${path}`, RED.auth.needsPermission('motion-manga.write'), handler(answer));
  }
}
