/** What the editor's canvas and forms fetch. */
import { viridis } from '../../lib/session/colour-maps.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Red } from '../red.ts';
import { draft } from './draft.ts';
import { inspect, inspectionOf } from './inspection.ts';
import { refuse } from './refuse.ts';
import { type Picture, thumbnailOf } from './thumbnail.ts';

const ROOT = '/motion-manga';
/** Colours of the disparity's legend, far to near. */
const DISPARITY = Array.from({ length: 9 }, (_, i) => `rgb(${viridis(i / 8).join(' ')})`);

/** Sends a picture, or that the browser has it already. */
function send(request: HttpRequest, response: HttpResponse, picture: Picture | undefined): void {
  if (!picture) {
    response.status(404).end();
    return;
  }
  response.set({ 'Content-Type': 'image/png', 'Cache-Control': 'private, no-cache', ETag: picture.etag });
  if (request.headers['if-none-match'] === picture.etag) response.status(304).end();
  else response.send(picture.bytes);
}

const thumbnail: HttpHandler = (request, response) => {
  send(request, response, thumbnailOf(request.params.node ?? ''));
};

/** What there is to see of a node's last picture, and where. */
function layers(RED: Red): HttpHandler {
  return (request, response) => {
    const node = request.params.node ?? '';
    inspect(RED, node).then(
      ({ about, pictures, style }) => {
        const url = (name: string) => `motion-manga/layers/${node}/${name}?v=${pictures.get(name)!.etag.slice(1, -1)}`;
        response.json({ style, disparity: DISPARITY, pictures: about.map((one) => ({ ...one, url: url(one.name) })) });
      },
      (error: unknown) => refuse(response, error),
    );
  };
}

const layer: HttpHandler = (request, response) => {
  const { node = '', name = '' } = request.params;
  send(request, response, inspectionOf(node)?.pictures.get(name));
};

/** Once for all nodes. */
export function addCanvasRoutes(RED: Red): void {
  const mayRead = RED.auth.needsPermission('motion-manga.read');
  RED.httpAdmin.get(`${ROOT}/thumbnail/:node`, mayRead, thumbnail);
  RED.httpAdmin.get(`${ROOT}/layers/:node`, mayRead, layers(RED));
  RED.httpAdmin.get(`${ROOT}/layers/:node/:name`, mayRead, layer);
  // It makes the server draw whatever is asked for.
  RED.httpAdmin.post(`${ROOT}/draft`, RED.auth.needsPermission('motion-manga.write'), draft(RED));
}
