/**
 * Manga109's annotations (manga109api): book > pages > page (index, width, height) > frame, text, body, face (id, xmin,
 * ymin, xmax, ymax, pixels of the scanned spread). Other elements are passed over.
 */
import type { Box } from '../camera.ts';
import { readXml, XmlError } from '../xml.ts';

export const BOX_KINDS = ['frame', 'text', 'body', 'face'] as const;
export type BoxKind = (typeof BOX_KINDS)[number];

export interface AnnotatedSpread {
  /** Number in the book; the image is images/<Title>/<three digits>.jpg. */
  readonly index: number;
  readonly width: number;
  readonly height: number;
  readonly boxes: Readonly<Record<BoxKind, readonly Box[]>>;
}

/** An element that was passed over. */
export interface AnnotationProblem {
  readonly line: number;
  readonly element: string;
  readonly reason: string;
}

export interface Annotations {
  readonly spreads: readonly AnnotatedSpread[];
  readonly problems: readonly AnnotationProblem[];
}

type Attributes = ReadonlyMap<string, string>;

class Malformed extends Error {}

function integer(attributes: Attributes, name: string, low: number): number {
  const text = attributes.get(name);
  if (text === undefined) throw new Malformed(`${name} is missing`);
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new Malformed(`${name} is ${JSON.stringify(text)}, not a whole number`);
  const value = Number(text);
  if (value < low) throw new Malformed(`${name} is ${value}, less than ${low}`);
  return value;
}

/** Boxes a little over the edge are cut there, as annotators' hands slip. */
function readBox(attributes: Attributes, spread: { width: number; height: number }): Box {
  if (!attributes.get('id')) throw new Malformed('id is missing');
  const at = (name: string) => integer(attributes, name, Number.NEGATIVE_INFINITY);
  const [xmin, ymin, xmax, ymax] = [at('xmin'), at('ymin'), at('xmax'), at('ymax')];
  if (xmax <= xmin || ymax <= ymin) throw new Malformed(`the box ${xmin},${ymin} to ${xmax},${ymax} is empty`);
  const x = Math.max(0, xmin);
  const y = Math.max(0, ymin);
  const width = Math.min(spread.width, xmax) - x;
  const height = Math.min(spread.height, ymax) - y;
  if (width <= 0 || height <= 0) {
    throw new Malformed(
      `the box ${xmin},${ymin} to ${xmax},${ymax} lies outside the ${spread.width} x ${spread.height} page`,
    );
  }
  return { x, y, width, height };
}

type OpenSpread = { index: number; width: number; height: number; boxes: Record<BoxKind, Box[]> };

/**
 * Reads one title's annotations. Elements with missing or impossible attributes are passed over, with a problem each.
 * @throws XmlError when the file is not well-formed or no book: nothing of it can be trusted then
 */
export function readAnnotations(xml: string): Annotations {
  const spreads: AnnotatedSpread[] = [];
  const problems: AnnotationProblem[] = [];
  const indices = new Set<number>();
  const path: string[] = [];
  let spread: OpenSpread | null = null;
  /** Tries to read an element; what is wrong with it becomes a problem. */
  const attempt = (element: string, line: number, read: () => void) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      problems.push({ line, element, reason: error.message });
    }
  };
  readXml(xml, {
    open(name, attributes, line) {
      const parents = path.join('>');
      path.push(name);
      if (parents === '' && name !== 'book') throw new XmlError('The root element is not <book>', line, name);
      if (parents === 'book>pages' && name === 'page') {
        attempt(name, line, () => {
          const index = integer(attributes, 'index', 0);
          if (indices.has(index)) throw new Malformed(`page ${index} is there twice`);
          const [width, height] = [integer(attributes, 'width', 1), integer(attributes, 'height', 1)];
          indices.add(index);
          spread = { index, width, height, boxes: { frame: [], text: [], body: [], face: [] } };
        });
      } else if (parents === 'book>pages>page' && spread && (BOX_KINDS as readonly string[]).includes(name)) {
        const { boxes } = spread;
        const size = spread;
        attempt(name, line, () => boxes[name as BoxKind].push(readBox(attributes, size)));
      }
    },
    close(name) {
      path.pop();
      if (name === 'page' && spread && path.join('>') === 'book>pages') {
        spreads.push(spread);
        spread = null;
      }
    },
  });
  return { spreads: spreads.sort((a, b) => a.index - b.index), problems };
}
