import type { App, Handler, Red, Response } from './red.ts';

/** Browsers ask whether their copy is still right; the answer is an empty 304. */
const HEADERS = { 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' };

/** Where dashboards read what widgets show: guarded like the dashboard itself. */
export function routes(RED: Red): { get(path: string, handler: Handler): void; url(path: string): string } {
  const app: App = RED.httpNode ?? RED.httpAdmin;
  const { middleware = [] } = RED.settings.dashboard || RED.settings.ui || {};
  return {
    get: (path, handler) => app.get(path, middleware, handler),
    url: (path) => `${(RED.settings.httpNodeRoot || '').replace(/\/$/, '')}${path}`,
  };
}

/** Sends a file with ETag and byte ranges, so that videos can be sought. @param path known to the server, never the client's */
export function sendFile(response: Response, path: string | undefined): void {
  if (path === undefined) response.sendStatus(404);
  else response.sendFile(path, { dotfiles: 'allow', cacheControl: false, headers: HEADERS }, notFound(response));
}

const notFound =
  (response: Response) =>
  (error?: Error): void => {
    if (error && !response.headersSent) response.sendStatus(404);
  };
