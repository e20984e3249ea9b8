import { type MangaErrorCode, toMangaError } from '../../lib/errors/manga-error.ts';
import type { HttpResponse } from '../red.ts';

const STATUS: Readonly<Partial<Record<MangaErrorCode, number>>> = {
  BAD_INPUT: 404,
  BAD_SETTING: 400,
  CANCELLED: 409,
  BUSY: 503,
  SESSION_CLOSED: 503,
};

/** Answers with an error: its code and message. */
export function refuse(response: HttpResponse, error: unknown): void {
  const { code, message } = toMangaError(error);
  response.status(STATUS[code] ?? 500).json({ code, message });
}
