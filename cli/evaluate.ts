import { writeFile } from 'node:fs/promises';
import { basename, parse } from 'node:path';
import { listPictures } from '../lib/data/list-files.ts';
import { SkipList } from '../lib/data/skipped.ts';
import { MangaError } from '../lib/errors/manga-error.ts';
import { ioError } from '../lib/media/io-error.ts';
import { type Evaluation, evaluate as evaluateSubjects } from '../lib/metrics/evaluate.ts';
import { loadFeatureFile } from '../lib/metrics/features/onnx-file.ts';
import { loadSmallFeatures } from '../lib/metrics/features/small.ts';
import { generatorSubject } from '../lib/metrics/generator-subject.ts';
import { peerSubject } from '../lib/metrics/peer-subject.ts';
import { photoSubject } from '../lib/metrics/photo-subject.ts';
import { readPicture } from '../lib/metrics/picture.ts';
import { reportHtml } from '../lib/metrics/report/html.ts';
import { Tiles } from '../lib/metrics/report/tiles.ts';
import type { Photo, Subject } from '../lib/metrics/subject.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import type { Session } from '../lib/session/types.ts';
import { type EvaluateOptions, evaluateHelp, parseEvaluateArgs } from './evaluate-options.ts';
import { evaluationTable } from './evaluate-table.ts';
import { stylePage } from './style-page.ts';

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function generator(session: Session, options: EvaluateOptions): Promise<Subject> {
  const { model } = await session.start();
  const { clip, camera, seeds } = options;
  const style = await stylePage(session, await session.openArena('style page'), options.style);
  return generatorSubject(session, { name: model, clip, camera, style, seeds });
}

/** The photos that can be decoded: one that cannot must not end a run of many minutes. @throws MangaError BAD_INPUT when none can */
async function usablePhotos(folders: readonly string[]): Promise<Photo[]> {
  const skipped = new SkipList(({ where, reason }) => tell(`Left out: ${basename(where)}: ${reason}`));
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

async function run(session: Session, options: EvaluateOptions): Promise<Evaluation> {
  const photos = await usablePhotos(options.photos);
  const network = await (options.features ? loadFeatureFile(options.features) : loadSmallFeatures());
  try {
    const { canvas, frames, size } = options.clip;
    const camera = options.camera ? { canvas, frames, size: Number.parseInt(size, 10) } : null;
    const subjects = [
      await generator(session, options),
      ...options.peers.map((folder) => peerSubject(folder, camera)),
      photoSubject(camera),
    ];
    const tiles = new Tiles();
    const result = await evaluateSubjects({
      ...{ network, subjects, photos, pages: options.pages ?? null, tell, settings: options.clip },
      correspondences: camera ? 'camera' : 'estimated',
      witness: options.report ? (subject) => tiles.witness(subject) : undefined,
    });
    if (options.report) {
      const made = `Made ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC by motion-manga evaluate.`;
      await writeReport(options.report, reportHtml(result, tiles.sheets, made));
    }
    return result;
  } finally {
    await network.close();
  }
}

async function writeReport(path: string, html: string): Promise<void> {
  await writeFile(path, html).catch((error) => {
    throw ioError('Cannot write', path, error);
  });
  tell(`Report: ${path}`);
}

/** `motion-manga evaluate`. @returns exit code. @throws MangaError of the first thing that fails */
export async function evaluate(args: readonly string[]): Promise<number> {
  const options = parseEvaluateArgs(args);
  if (!options) {
    process.stdout.write(evaluateHelp);
    return 0;
  }
  const { engine, model } = options;
  // An arena left alone is closed: the style page's must outlast many photos.
  const session = new SessionHost(sessionSchema.parse({ id: 'cli', engine, model, idleSeconds: 86_400 }));
  try {
    const result = await run(session, options);
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : evaluationTable(result));
    return 0;
  } finally {
    await session.close();
  }
}
