/** What the editor's canvas and forms fetch. */
import type { HttpHandler, HttpResponse, Red } from '../red.ts';
import { type Picture, thumbnailOf } from './thumbnail.ts';

/** Sends a picture, or that the browser has it already. */
function send(response: HttpResponse, picture: Picture, asked: string | undefined): void {
  response.set({ 'Content-Type': 'image/png', 'Cache-Control': 'private, no-cache', ETag: picture.etag });
  if (asked === picture.etag) response.status(304).end();
  else response.send(picture.bytes);
}

const thumbnail: HttpHandler = (request, response) => {
  const picture = thumbnailOf(request.params.node ?? '');
  if (!picture) return response.status(404).end();
  send(response, picture, request.headers['if-none-match']);
};

/** Once for all nodes. */
export function addCanvasRoutes(RED: Red): void {
  const mayRead = RED.auth.needsPermission('motion-manga.read');
  RED.httpAdmin.get('/motion-manga/thumbnail/:node', mayRead, thumbnail);
}
