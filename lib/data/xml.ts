/**
 * A strict reader of plain XML 1.0 documents (elements, attributes, text, comments, CDATA, processing instructions,
 * predefined and numeric entities). Documents with a DOCTYPE are refused: it could define entities without end.
 */

export interface XmlHandler {
  /** @param line 1 is the first */
  open(name: string, attributes: ReadonlyMap<string, string>, line: number): void;
  close(name: string): void;
}

/** What is wrong with a document, and where. `element` is the innermost one. */
export class XmlError extends Error {
  readonly line: number;
  readonly element: string;

  constructor(message: string, line: number, element: string) {
    super(message);
    this.name = 'XmlError';
    this.line = line;
    this.element = element;
  }
}

const NAME = /[\p{L}_:][\p{L}\p{M}\p{N}_:.-]*/uy;
const SPACE = /[ \t\r\n]*/y;
const ATTRIBUTE_VALUE = /"[^<"]*"|'[^<']*'/y;
const ENTITY = /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w+));|&/g;
const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** Deeper nesting is no annotation. */
const MAX_DEPTH = 64;

/** @throws XmlError when the document is not well-formed; what came before it has been handled */
export function readXml(text: string, handler: XmlHandler): void {
  new Reader(text, handler).read();
}

class Reader {
  readonly #text: string;
  readonly #handler: XmlHandler;
  readonly #open: string[] = [];
  #at = 0;
  #line = 1;
  #counted = 0;
  #rootSeen = false;

  constructor(text: string, handler: XmlHandler) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#handler = handler;
  }

  read(): void {
    if (/^<\?xml[ \t\r\n]/.test(this.#text)) this.#skipTo('?>', 'The XML declaration');
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at);
      this.#characters(this.#text.slice(this.#at, next < 0 ? this.#text.length : next));
      if (next < 0) break;
      this.#at = next;
      this.#markup();
    }
    this.#at = this.#text.length;
    if (this.#open.length > 0) this.#fail(`The file ends inside <${this.#open.at(-1)}>`);
    if (!this.#rootSeen) this.#fail('There is no element');
  }

  #markup(): void {
    const begins = (what: string) => this.#text.startsWith(what, this.#at);
    if (begins('<!--')) this.#skipTo('-->', 'A comment');
    else if (begins('<![CDATA[')) {
      if (this.#open.length === 0) this.#fail('There is text outside the root element');
      this.#skipTo(']]>', 'A CDATA section');
    } else if (begins('<!')) this.#fail('Document type declarations are not read');
    else if (/^<\?xml[ \t\r\n?]/.test(this.#text.slice(this.#at, this.#at + 6)))
      this.#fail('The XML declaration is not at the start');
    else if (begins('<?')) this.#skipTo('?>', 'A processing instruction');
    else if (begins('</')) this.#endTag();
    else this.#startTag();
  }

  #startTag(): void {
    const line = this.#lineAt(this.#at);
    this.#at++;
    const name = this.#take(NAME) || this.#fail("'<' is not followed by a name");
    if (this.#open.length === 0 && this.#rootSeen) this.#fail('There is a second root element', name);
    if (this.#open.length >= MAX_DEPTH) this.#fail(`Elements are nested more than ${MAX_DEPTH} deep`, name);
    const attributes = new Map<string, string>();
    for (;;) {
      const spaced = this.#take(SPACE) !== '';
      const c = this.#text[this.#at];
      if (c === '>' || c === '/') break;
      if (c === undefined) this.#fail('The file ends inside a tag', name);
      if (!spaced) this.#fail(`Unexpected ${JSON.stringify(c)} in the tag`, name);
      this.#attribute(name, attributes);
    }
    const empty = this.#text[this.#at] === '/';
    if (empty && this.#text[++this.#at] !== '>') this.#fail("'/' is not followed by '>'", name);
    this.#at++;
    this.#rootSeen = true;
    this.#open.push(name);
    this.#handler.open(name, attributes, line);
    if (empty) this.#close();
  }

  #attribute(element: string, attributes: Map<string, string>): void {
    const name = this.#take(NAME) || this.#fail('An attribute name is missing', element);
    this.#take(SPACE);
    if (this.#text[this.#at] !== '=') this.#fail(`Attribute ${name} has no value`, element);
    this.#at++;
    this.#take(SPACE);
    const quoted =
      this.#take(ATTRIBUTE_VALUE) || this.#fail(`The value of attribute ${name} is not in quotes`, element);
    if (attributes.has(name)) this.#fail(`Attribute ${name} is given twice`, element);
    attributes.set(name, this.#decode(quoted.slice(1, -1), this.#at - quoted.length + 1, element));
  }

  #endTag(): void {
    this.#at += 2;
    const name = this.#take(NAME);
    this.#take(SPACE);
    const expected = this.#open.at(-1);
    if (expected === undefined) this.#fail(`</${name}> closes nothing`, name);
    if (name !== expected) this.#fail(`</${name}> stands where </${expected}> is due`);
    if (this.#text[this.#at] !== '>') this.#fail(`</${name} is not closed by '>'`);
    this.#at++;
    this.#close();
  }

  #close(): void {
    this.#handler.close(this.#open.pop()!);
  }

  /** Text between tags; `#at` is its start. */
  #characters(text: string): void {
    if (this.#open.length === 0) {
      const strange = text.search(/[^ \t\r\n]/);
      if (strange < 0) return;
      this.#at += strange;
      this.#fail('There is text outside the root element');
    }
    if (text.includes('&')) this.#decode(text, this.#at);
  }

  /** Text with its entities resolved. @param from its start in the document */
  #decode(text: string, from: number, element?: string): string {
    return text.replace(ENTITY, (whole, decimal, hexadecimal, name, offset: number) => {
      if (name !== undefined && Object.hasOwn(PREDEFINED, name)) return PREDEFINED[name]!;
      const code = decimal ? Number.parseInt(decimal, 10) : hexadecimal ? Number.parseInt(hexadecimal, 16) : Number.NaN;
      const isCharacter = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0x10ffff);
      if (!isCharacter || (code >= 0xd800 && code <= 0xdfff)) {
        this.#at = from + offset;
        this.#fail(`${whole} is no entity or character`, element);
      }
      return String.fromCodePoint(code);
    });
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #skipTo(end: string, what: string): void {
    const found = this.#text.indexOf(end, this.#at);
    if (found < 0) this.#fail(`${what} is not closed`);
    this.#at = found + end.length;
  }

  #lineAt(position: number): number {
    for (let next = this.#text.indexOf('\n', this.#counted); next >= 0 && next < position; ) {
      this.#line++;
      this.#counted = next + 1;
      next = this.#text.indexOf('\n', this.#counted);
    }
    return this.#line;
  }

  #fail(message: string, element = this.#open.at(-1) ?? 'document'): never {
    throw new XmlError(message, this.#lineAt(this.#at), element);
  }
}
