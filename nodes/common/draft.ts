/** What a form's settings would draw. */
import * as z from 'zod';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { samplePath } from '../../lib/samples.ts';
import { drawDraft } from '../../lib/session/draft.ts';
import { clipSchema, drawSchema, parseSettings } from '../../lib/settings/settings.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Red } from '../red.ts';
import { sessionOf } from '../session-of.ts';
import { lastPictureOf } from './last-picture.ts';
import { refuse } from './refuse.ts';

const SAMPLE = 'sample:photos/nagasaki.jpg';

const draftSchema = z.object({
  /** Ids of the manga-session and of the node whose form it is. */
  session: z.string(),
  node: z.string(),
  model: drawSchema.shape.model.optional(),
  settings: z.record(z.string(), z.unknown()),
  moving: z.boolean().default(false),
});

/** The draft that is being drawn for each node's form. */
const drawing = new Map<string, AbortController>();

/** @returns what is wrong with each setting, by its name */
function wrongSettings(settings: unknown): Record<string, string> | undefined {
  const result = clipSchema.safeParse(settings);
  if (result.success) return undefined;
  return Object.fromEntries(result.error.issues.map(({ path, message }) => [path.join('.'), message]));
}

async function draw(RED: Red, { body }: HttpRequest, response: HttpResponse): Promise<void> {
  const { session, node, model, settings, moving } = parseSettings(draftSchema, body);
  const fields = wrongSettings(settings);
  if (fields) {
    response.status(400).json({ code: 'BAD_SETTING', fields });
    return;
  }
  if (!RED.nodes.getNode(session)) {
    response.status(404).json({ code: 'BAD_SETTING' });
    return;
  }
  drawing.get(node)?.abort(new MangaError('CANCELLED', 'A newer preview was asked for.'));
  const abort = new AbortController();
  drawing.set(node, abort);
  try {
    const found = await lastPictureOf(node);
    const last = found?.session === session ? found : undefined;
    const subject = {
      source: last ? { bytes: last.photo } : { path: samplePath(SAMPLE)! },
      model: model ?? last?.model ?? 'session',
      style: last?.style,
    };
    const here = sessionOf(RED, session).with({ signal: abort.signal });
    const bytes = await drawDraft(here, subject, parseSettings(clipSchema, settings), moving);
    response.set({
      'Content-Type': moving ? 'image/webp' : 'image/png',
      'Cache-Control': 'no-store',
      'X-Motion-Manga-Picture': last ? 'last' : 'sample',
    });
    response.send(Buffer.from(bytes));
  } finally {
    if (drawing.get(node) === abort) drawing.delete(node);
  }
}

export function draft(RED: Red): HttpHandler {
  return (request, response) => {
    draw(RED, request, response).catch((error: unknown) => refuse(response, error));
  };
}
