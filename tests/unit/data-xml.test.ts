import assert from 'node:assert/strict';
import test from 'node:test';
import { readAnnotations } from '../../lib/data/manga109/annotations.ts';
import { readXml, XmlError } from '../../lib/data/xml.ts';

function events(text: string): string[] {
  const seen: string[] = [];
  readXml(text, {
    open: (name, attributes, line) => seen.push(`${line} <${name} ${JSON.stringify(Object.fromEntries(attributes))}`),
    close: (name) => seen.push(`</${name}`),
  });
  return seen;
}

test('reads elements, attributes and entities with their lines', () => {
  const text = `\ufeff<?xml version="1.0" encoding="UTF-8"?>
<!-- <not an="element"> -->
<book title='A "B" &amp; &#x3042;&#12356;'>
  text &lt; <![CDATA[ <a & b> ]]> <?php echo '<c>' ?>
  <p:age
     n = "1"
  /></book >
`;
  assert.deepEqual(events(text), ['3 <book {"title":"A \\"B\\" & あい"}', '5 <p:age {"n":"1"}', '</p:age', '</book']);
});

const broken: readonly (readonly [what: string, xml: string, line: number, element: string, message: RegExp])[] = [
  ['wrong end tag', '<a>\n<b>\n</a>', 3, 'b', /<\/a> stands where <\/b> is due/],
  ['cut off between tags', '<a>\n<b></b>\n', 3, 'a', /ends inside <a>/],
  ['cut off inside a tag', '<a>\n<b c="1"', 2, 'b', /ends inside a tag/],
  ['cut off inside a value', '<a>\n<b c="1>\n</b></a>', 2, 'b', /c is not in quotes/],
  ['no quotes', '<a b=1/>', 1, 'a', /b is not in quotes/],
  ['no value', '<a\nb/>', 2, 'a', /b has no value/],
  ['no space between attributes', '<a b="1"c="2"/>', 1, 'a', /Unexpected "c"/],
  ['attribute twice', '<a b="1"\nb="2"/>', 2, 'a', /b is given twice/],
  ['unknown entity', '<a>\n&nbsp;</a>', 2, 'a', /&nbsp; is no entity/],
  ['bare ampersand', '<a b="x & y"/>', 1, 'a', /& is no entity/],
  ['impossible character', '<a>&#0;</a>', 1, 'a', /&#0; is no entity/],
  ['two roots', '<a/>\n<b/>', 2, 'b', /second root/],
  ['text after the root', '<a/>\nx', 2, 'document', /text outside/],
  ['empty', '', 1, 'document', /no element/],
  ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a/>', 1, 'document', /Document type/],
  ['open comment', '<a>\n<!-- </a>', 2, 'a', /comment is not closed/i],
  ['no name', '<a>\n< b/></a>', 2, 'a', /not followed by a name/],
  ['binary', '\u0000\u0001\u0002', 1, 'document', /text outside/],
  ['nested without end', '<a>'.repeat(100), 1, 'a', /nested more than/],
];

for (const [what, xml, line, element, message] of broken) {
  test(`refuses: ${what}`, () => {
    assert.throws(
      () => events(xml),
      (error) => {
        assert.ok(error instanceof XmlError);
        assert.match(error.message, message);
        assert.deepEqual({ line: error.line, element: error.element }, { line, element });
        return true;
      },
    );
  });
}

const page = (content: string, attributes = 'index="3" width="200" height="100"') =>
  `<book title="T">\n<characters><character id="1" name="N"/></characters>\n<pages>\n<page ${attributes}>\n${content}\n</page>\n</pages>\n</book>`;

test('reads boxes, cuts them at the edge, and passes over what it does not know', () => {
  const { spreads, problems } = readAnnotations(
    page(`<frame id="a" xmin="-2" ymin="10" xmax="90" ymax="120"/>
<text id="b" xmin="1" ymin="2" xmax="3" ymax="4">あ<b/></text>
<onomatopoeia id="c"/>
<face id="d" xmin="20" ymin="20" xmax="40" ymax="50" character="1"/>`),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(spreads, [
    {
      index: 3,
      width: 200,
      height: 100,
      boxes: {
        frame: [{ x: 0, y: 10, width: 90, height: 90 }],
        text: [{ x: 1, y: 2, width: 2, height: 2 }],
        body: [],
        face: [{ x: 20, y: 20, width: 20, height: 30 }],
      },
    },
  ]);
});

const wrong: readonly (readonly [xml: string, line: number, element: string, reason: RegExp])[] = [
  [page('<frame id="a" xmin="1" ymin="1" xmax="2"/>'), 5, 'frame', /ymax is missing/],
  [page('<frame xmin="1" ymin="1" xmax="2" ymax="2"/>'), 5, 'frame', /id is missing/],
  [page('<face id="a" xmin="1.5" ymin="1" xmax="2" ymax="2"/>'), 5, 'face', /xmin is "1.5", not a whole number/],
  [page('<text id="a" xmin="9" ymin="1" xmax="9" ymax="2"/>'), 5, 'text', /is empty/],
  [page('<body id="a" xmin="201" ymin="1" xmax="209" ymax="2"/>'), 5, 'body', /outside the 200 x 100 page/],
  [page('<frame id="a"/>', 'index="x" width="200" height="100"'), 4, 'page', /index is "x"/],
  [page('', 'index="1" height="100"'), 4, 'page', /width is missing/],
  [page('', 'index="1" width="0" height="100"'), 4, 'page', /width is 0/],
];

test('a malformed element is named with its line, the rest is read', () => {
  for (const [xml, line, element, reason] of wrong) {
    const { problems } = readAnnotations(xml);
    assert.equal(problems.length, 1);
    assert.deepEqual([problems[0]!.line, problems[0]!.element], [line, element]);
    assert.match(problems[0]!.reason, reason);
  }
  const twice = page('').replace('</pages>', '<page index="3" width="5" height="5"></page>\n</pages>');
  const { spreads, problems } = readAnnotations(twice);
  assert.deepEqual([spreads.length, problems.length, problems[0]!.line], [1, 1, 7]);
});

test('what is no book is refused', () => {
  assert.throws(() => readAnnotations('\n<html></html>'), { line: 2, element: 'html' });
});
