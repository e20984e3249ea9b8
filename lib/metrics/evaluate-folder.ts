import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, parse } from 'node:path';
import { listPictures } from '../data/list-files.ts';
import { SkipList } from '../data/skipped.ts';
import { MangaError } from '../errors/manga-error.ts';
import { ioError } from '../media/io-error.ts';
import type { Session } from '../session/types.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { loadFeatureFile } from './features/onnx-file.ts';
import { loadSmallFeatures } from './features/small.ts';
import { generatorSubject } from './generator-subject.ts';
import { peerSubject } from './peer-subject.ts';
import { photoSubject } from './photo-subject.ts';
import { readPicture } from './picture.ts';
import { reportHtml } from './report/html.ts';
import { Tiles } from './report/tiles.ts';
import type { Photo } from './subject.ts';

/** What is to be evaluated. Plain JSON; paths are absolute, and null leaves a thing out. */
export interface FolderEvaluation {
  /** Folders of photos to draw and measure on. */
  readonly photos: readonly string[];
  /** Folder of manga pages. */
  readonly pages: string | null;
  /** ONNX feature network; null takes the small one of this package. */
  readonly features: string | null;
  /** Folders with another program's pictures. */
  readonly peers: readonly string[];
  /** The protocol SK5-cam in place of the clip's motion. */
  readonly camera: boolean;
  readonly clip: ClipSettings;
  /** For the diversity; 0: none. */
  readonly seeds: number;
  /** A manga page to draw like. */
  readonly style: string | null;
  /** HTML page to write. */
  readonly report: string | null;
}

export interface EvaluationEvents {
  /** What is being done, for people. */
  readonly tell?: (line: string) => void;
  /** A photo that cannot be decoded is left out. */
  readonly leftOut?: (line: string) => void;
  /** Photos drawn by us or read from a peer, of how many. */
  readonly progress?: (done: number, of: number) => void;
}

/** The photos that can be decoded: one that cannot must not end a run of many minutes. @throws MangaError BAD_INPUT when none can */
async function usablePhotos(folders: readonly string[], leftOut?: (line: string) => void): Promise<Photo[]> {
  const skipped = new SkipList(({ where, reason }) => leftOut?.(`Left out: ${basename(where)}: ${reason}`));
  const photos: Photo[] = [];
  for (const { file } of await listPictures(folders, 'photos', skipped)) {
    await readPicture(file).then(
      () => photos.push({ file, name: parse(file).name }),
      (error: unknown) => skipped.add(file, error),
    );
  }
  if (photos.length > 0) return photos;
  throw new MangaError('BAD_INPUT', 'None of the photos can be decoded.', 'Give whole JPEG, PNG or WebP files.');
}

/**
 * Draws photos with a session's network, measures them beside its peers and the photos themselves, and writes the report.
 * What `motion-manga evaluate` and the node manga-metrics do.
 * @param session must not close arenas that are idle for less than the whole evaluation: the style page's is one
 * @throws MangaError of the first thing that fails
 */
export async function evaluateFolder(
  session: Session,
  asked: FolderEvaluation,
  { tell, leftOut, progress }: EvaluationEvents = {},
): Promise<Evaluation> {
  const { clip, camera: known, seeds, report } = asked;
  // Before minutes of work whose result could not be written.
  if (report !== null) {
    await mkdir(dirname(report), { recursive: true }).catch((error) => {
      throw ioError('Cannot write', report, error);
    });
  }
  const photos = await usablePhotos(asked.photos, leftOut);
  const network = await (asked.features === null ? loadSmallFeatures() : loadFeatureFile(asked.features));
  try {
    const camera = known ? { canvas: clip.canvas, frames: clip.frames, size: Number.parseInt(clip.size, 10) } : null;
    const { model } = await session.start();
    const page =
      asked.style === null
        ? undefined
        : await session.loadPicture(await session.openArena('style page'), { path: asked.style });
    const style = page && (await session.encodeStyle(page));
    const subjects = [
      generatorSubject(session, { name: model, clip, camera: known, style, seeds }),
      ...asked.peers.map((folder) => peerSubject(folder, camera)),
      photoSubject(camera),
    ];
    const tiles = new Tiles();
    const result = await evaluate({
      ...{ network, subjects, photos, pages: asked.pages, tell, progress, settings: clip },
      correspondences: known ? 'camera' : 'estimated',
      witness: report === null ? undefined : (subject) => tiles.witness(subject),
    });
    if (report !== null) {
      const made = `Made ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC by motion-manga evaluate.`;
      await writeFile(report, reportHtml(result, tiles.sheets, made)).catch((error) => {
        throw ioError('Cannot write', report, error);
      });
      tell?.(`Report: ${report}`);
    }
    return result;
  } finally {
    await network.close();
  }
}
