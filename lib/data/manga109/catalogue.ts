/** What there is in a copy of Manga109, or of anything of the same layout. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MangaError } from '../../errors/manga-error.ts';
import { throwIfAborted } from '../../media/abort.ts';
import { ioError, isErrno } from '../../media/io-error.ts';
import type { Manga109Settings } from '../settings.ts';
import type { SkipList } from '../skipped.ts';
import { XmlError } from '../xml.ts';
import { type AnnotatedSpread, type Annotations, BOX_KINDS, type BoxKind, readAnnotations } from './annotations.ts';
import { hasMove, type MangaPage } from './moves.ts';
import { readingOrder, sheetOf, splitSpread } from './reading-order.ts';

export interface MangaCatalogue {
  /** Pages with a frame for the chosen moves, in the order of books.txt and of reading. */
  readonly pages: readonly MangaPage[];
  readonly summary: string;
}

type Split = Pick<Manga109Settings, 'validationShare' | 'splitSeed'>;
type Settings = Split & Pick<Manga109Settings, 'root' | 'annotations' | 'split' | 'moves'>;

const LAYOUT =
  'It must hold books.txt (a title a line), images/<Title>/000.jpg … and annotations/<Title>.xml, as Manga109 is unpacked.';

/** Which side a title is on: of the seed and its own name alone, so that other titles may come and go. */
export function splitOf(title: string, { validationShare, splitSeed }: Split): 'train' | 'validation' {
  const hash = createHash('sha256').update(`${splitSeed}\0${title}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32 < validationShare ? 'validation' : 'train';
}

/**
 * Reads the annotations of one side of the split. What is malformed or missing is skipped, with file, element and line.
 * @throws MangaError BAD_INPUT when the folder is none of this layout or nothing usable is left, IO, CANCELLED
 */
export async function readCatalogue(
  settings: Settings,
  skipped: SkipList,
  signal?: AbortSignal,
): Promise<MangaCatalogue> {
  const { root, split } = settings;
  const titles = await readTitles(root, skipped);
  await checkAnnotations(settings);
  const chosen = titles.filter((title) => split === 'all' || splitOf(title, settings) === split);
  if (chosen.length === 0) {
    throw new MangaError(
      'BAD_INPUT',
      `None of the ${titles.length} titles is in the ${split} part.`,
      'Change the validation share, or add titles.',
    );
  }
  const pages: MangaPage[] = [];
  const boxes: Record<BoxKind, number> = { frame: 0, text: 0, body: 0, face: 0 };
  const count = { spreads: 0, pages: 0, empty: 0 };
  for (const title of chosen) {
    throwIfAborted(signal);
    for (const { file, spread } of await readTitle(settings, title, skipped)) {
      const found = pagesOf(title, file, spread);
      count.spreads++;
      count.pages += found.length;
      for (const kind of BOX_KINDS) boxes[kind] += spread.boxes[kind].length;
      for (const page of found) {
        if (settings.moves.some((kind) => hasMove(page, kind))) pages.push(page);
        else count.empty++;
      }
    }
  }
  if (pages.length === 0) {
    const [first] = skipped.list;
    const why = first ? ` The first thing skipped: ${first.where}: ${first.reason}` : '';
    throw new MangaError('BAD_INPUT', `No page in ${root} has frames for the chosen moves.${why}`, LAYOUT);
  }
  const part = split === 'all' ? '' : ` (${split} part of ${titles.length})`;
  const drawn = `${boxes.frame} frames, ${boxes.face} faces, ${boxes.body} bodies, ${boxes.text} texts`;
  const empty = count.empty > 0 ? `, ${count.empty} of them without a frame for the chosen moves` : '';
  const summary = `${chosen.length} titles${part}: ${count.spreads} scans, ${count.pages} pages${empty}; ${drawn}`;
  return { pages, summary };
}

async function readTitles(root: string, skipped: SkipList): Promise<string[]> {
  const file = join(root, 'books.txt');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!isErrno(error) || !['ENOENT', 'ENOTDIR'].includes(error.code!)) throw ioError('Cannot read', file, error);
    throw new MangaError('BAD_INPUT', `${root} is no copy of Manga109: there is no books.txt.`, LAYOUT, {
      cause: error,
    });
  }
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const titles = new Set<string>();
  lines.forEach((line, i) => {
    const title = line.trim();
    // Titles become parts of paths.
    if (/[/\\\0]/.test(title) || title === '.' || title === '..') {
      skipped.add(`${file}, line ${i + 1}`, `${JSON.stringify(title)} cannot be the name of a folder.`);
    } else if (title) titles.add(title);
  });
  if (titles.size === 0) throw new MangaError('BAD_INPUT', `${file} names no title.`, LAYOUT);
  return [...titles];
}

async function checkAnnotations({ root, annotations }: Settings): Promise<void> {
  const names = await readdir(root).catch((error) => {
    throw ioError('Cannot read the folder', root, error);
  });
  if (names.includes(annotations)) return;
  const others = names.filter((name) => name.startsWith('annotations')).sort();
  const hint = others.length > 0 ? `Set the annotations to one that is there: ${others.join(', ')}.` : LAYOUT;
  throw new MangaError('BAD_INPUT', `${root} has no folder ${annotations}.`, hint);
}

/** The scans of a title that have both an image and sound annotations. */
async function readTitle(
  { root, annotations }: Settings,
  title: string,
  skipped: SkipList,
): Promise<{ file: string; spread: AnnotatedSpread }[]> {
  const xml = join(root, annotations, `${title}.xml`);
  const images = join(root, 'images', title);
  let read: Annotations;
  let there: ReadonlySet<string>;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(xml));
    read = readAnnotations(text);
  } catch (error) {
    if (error instanceof XmlError)
      skipped.add(`${xml}, line ${error.line}, <${error.element}>`, `${error.message}; the title is left out.`);
    else if (isErrno(error) && error.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA')
      skipped.add(xml, ioError('Cannot read', xml, error));
    else skipped.add(xml, 'It is not UTF-8 text; the title is left out.');
    return [];
  }
  for (const { line, element, reason } of read.problems)
    skipped.add(`${xml}, line ${line}, <${element}>`, `${reason}.`);
  try {
    there = new Set(await readdir(images));
  } catch (error) {
    skipped.add(images, ioError('Cannot read the folder', images, error));
    return [];
  }
  const found: { file: string; spread: AnnotatedSpread }[] = [];
  for (const spread of read.spreads) {
    const name = `${String(spread.index).padStart(3, '0')}.jpg`;
    if (there.has(name)) found.push({ file: join(images, name), spread });
    else skipped.add(join(images, name), `The annotations describe it, but it is not there.`);
  }
  return found;
}

function pagesOf(title: string, file: string, { width, height, boxes }: AnnotatedSpread): MangaPage[] {
  const sheets = splitSpread(width, height, boxes.frame);
  return sheets.map((sheet) => {
    const panels = boxes.frame
      .filter((box) => sheetOf(box, sheets) === sheet)
      .map((box) => ({ box, faces: boxes.face.filter((face) => ownFrame(face, boxes.frame) === box) }));
    return {
      title,
      file,
      width,
      height,
      box: sheet.box,
      pageWidth: sheet.pageWidth,
      panels: readingOrder(panels),
      texts: boxes.text,
    };
  });
}

/** The smallest frame that a face's centre lies in. */
function ownFrame<B extends MangaPage['box']>(face: MangaPage['box'], frames: readonly B[]): B | undefined {
  const x = face.x + face.width / 2;
  const y = face.y + face.height / 2;
  return frames
    .filter((box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height)
    .sort((a, b) => a.width * a.height - b.width * b.height)[0];
}
