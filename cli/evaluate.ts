import { writeFile } from 'node:fs/promises';
import { basename, parse } from 'node:path';
import { listPictures } from '../lib/data/list-files.ts';
import { SkipList } from '../lib/data/skipped.ts';
import { ioError } from '../lib/media/io-error.ts';
import { type Evaluation, evaluate as evaluateSubjects } from '../lib/metrics/evaluate.ts';
import { loadFeatureFile } from '../lib/metrics/features/onnx-file.ts';
import { loadSmallFeatures } from '../lib/metrics/features/small.ts';
import { generatorSubject } from '../lib/metrics/generator-subject.ts';
import { peerSubject } from '../lib/metrics/peer-subject.ts';
import { photoSubject } from '../lib/metrics/photo-subject.ts';
import { reportHtml } from '../lib/metrics/report/html.ts';
import { Tiles } from '../lib/metrics/report/tiles.ts';
import type { Subject } from '../lib/metrics/subject.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import type { Session } from '../lib/session/types.ts';
import { type EvaluateOptions, evaluateHelp, parseEvaluateArgs } from './evaluate-options.ts';
import { evaluationTable } from './evaluate-table.ts';

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function generator(session: Session, options: EvaluateOptions): Promise<Subject> {
  const { model } = await session.start();
  const { clip, camera, seeds } = options;
  let style: Awaited<ReturnType<Session['encodeStyle']>> | undefined;
  if (options.style) {
    const arena = await session.openArena('style page');
    style = await session.encodeStyle(await session.loadPicture(arena, { path: options.style }));
  }
  return generatorSubject(session, { name: model, clip, camera, style, seeds });
}

async function run(session: Session, options: EvaluateOptions): Promise<Evaluation> {
  const skipped = new SkipList(({ where, reason }) => tell(`Left out: ${basename(where)}: ${reason}`));
  const files = await listPictures(options.photos, 'photos', skipped);
  const photos = files.map(({ file }) => ({ file, name: parse(file).name }));
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
