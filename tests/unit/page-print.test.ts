/** How a page is printed: measured on drawings whose widths and shares are known, and seen in what a shipped checkpoint draws. */
import assert from 'node:assert/strict';
import test from 'node:test';
import sharp from 'sharp';
import { createPipeline } from '../../lib/pipeline/create-pipeline.ts';
import { measurePrint, type PagePrint } from '../../lib/pipeline/page-print/page-print.ts';
import { reline, strokeWidth } from '../../lib/pipeline/page-print/reline.ts';
import { aimOf } from '../../lib/pipeline/page-print/steer-print.ts';
import type { Pixels, Style } from '../../lib/pipeline/types.ts';
import { compose } from '../../lib/render/compose.ts';
import { drawPhoto } from '../../lib/render/draw.ts';
import { decodePhoto } from '../../lib/render/photo.ts';
import { DRAWING_STYLES } from '../../lib/render/style.ts';
import { samplePath } from '../../lib/samples.ts';
import { type ClipSettings, clipSchema, parseSettings } from '../../lib/settings/settings.ts';

const SIDE = 700;

interface Sheet {
  /** Width of its strokes, side of its black square, pixels; and grey of ink and paper. */
  readonly stroke?: number;
  readonly black?: number;
  readonly dots?: boolean;
  readonly ink?: number;
  readonly paper?: number;
  readonly margin?: number;
  readonly quality?: number;
}

/** A drawing of curved strokes, with a black square and a field of dots where asked, as a scan. */
async function sheet({
  stroke = 4,
  black = 0,
  dots,
  ink = 0,
  paper = 255,
  margin = 0,
  quality,
}: Sheet): Promise<Pixels> {
  const grey = (v: number) => `rgb(${v},${v},${v})`;
  const curves = Array.from({ length: 9 }, (_, i) => {
    const y = 30 + 80 * i;
    return `<path d="M0 ${y} Q175 ${y - 30} 350 ${y} T700 ${y}" stroke="${grey(ink)}" stroke-width="${stroke}" fill="none"/>`;
  });
  const screen = dots
    ? Array.from(
        { length: 40 * 40 },
        (_, i) => `<circle cx="${8 * (i % 40) + 4}" cy="${8 * Math.floor(i / 40) + 354}" r="2.6" fill="${grey(ink)}"/>`,
      )
    : [];
  const square = `<rect x="380" y="360" width="${black}" height="${black}" fill="${grey(ink)}"/>`;
  const svg = `<svg width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="${grey(paper)}"/>${curves.join('')}${
    dots ? `<rect x="0" y="350" width="320" height="320" fill="${grey(paper)}"/>` : ''
  }${screen.join('')}${square}</svg>`;
  const drawn = sharp(Buffer.from(svg))
    .flatten()
    .extend({ top: margin, bottom: margin, left: margin, right: margin, background: grey(paper) });
  const scan = quality ? sharp(await drawn.jpeg({ quality }).toBuffer()) : drawn;
  const { data, info } = await scan.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function greyOf({ width, height, data }: Pixels): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => data[3 * i]!);
}

const measured = (page: Pixels): PagePrint => measurePrint(greyOf(page), page.width, page.height);
const near = (value: number, expected: number, by: number, what: string) =>
  assert.ok(Math.abs(value - expected) <= by, `${what}: ${value}, not ${expected}`);

test('strokes, solid black and dots are measured', async () => {
  for (const stroke of [2, 4, 7]) {
    const print = measured(await sheet({ stroke }));
    // Strokes that are nearly level are taken for wider than they are: the measure is made for all directions.
    near(print.stroke! * SIDE, 1.15 * stroke, 0.12 * stroke, 'width');
    near(print.black, 0, 0.01, 'no black');
    near(print.toned, 0, 0.02, 'no tone');
  }
  near(measured(await sheet({ black: 260 })).black, 260 ** 2 / SIDE ** 2, 0.02, 'black');
  const dotted = measured(await sheet({ dots: true }));
  near(dotted.toned, 320 ** 2 / SIDE ** 2, 0.04, 'toned');
  near(dotted.density, (Math.PI * 2.6 ** 2) / 64, 0.1, 'density');
  near(dotted.stroke! * SIDE, 4, 0.9, 'width beside dots');
});

test('grey paper, pale ink, JPEG and margins are seen through', async () => {
  const clean = measured(await sheet({ black: 200, dots: true }));
  for (const scan of [
    { quality: 60 },
    { margin: 90 },
    { paper: 205, ink: 40 },
    { paper: 225, ink: 60, margin: 60, quality: 75 },
  ]) {
    const print = measured(await sheet({ black: 200, dots: true, ...scan }));
    const name = JSON.stringify(scan);
    near(print.stroke! / clean.stroke!, 1, 0.15, `${name} width`);
    near(print.black, clean.black, 0.02, `${name} black`);
    near(print.toned, clean.toned, 0.04, `${name} toned`);
  }
  const pale = measured(await sheet({ black: 200, paper: 205, ink: 60 }));
  near(pale.ink!, 60 / 255, 0.03, 'ink');
  near(pale.paper, 205 / 255, 0.02, 'paper');
});

test('a blank page, a black one and a photo have no strokes', async () => {
  const of = (value: number) => measurePrint(new Uint8Array(200 * 200).fill(value), 200, 200);
  assert.deepEqual([of(250).stroke, of(250).black, of(250).ink], [null, 0, null]);
  assert.equal(of(3).stroke, null);
  const photo = measured(await decodePhoto(samplePath('sample:photos/nagasaki.jpg')!, 800));
  assert.equal(photo.stroke, null);
  assert.ok(photo.toned > 0.3, String(photo.toned));
});

test('two pages blend: every aim lies between theirs', async () => {
  const [thin, bold] = [
    measured(await sheet({ stroke: 2 })),
    measured(await sheet({ stroke: 8, black: 260, dots: true, ink: 70 })),
  ];
  const [a, b] = [aimOf([{ print: thin, share: 1 }], 1), aimOf([{ print: bold, share: 1 }], 1)];
  const mixed = aimOf(
    [
      { print: thin, share: 0.5 },
      { print: bold, share: 0.5 },
    ],
    1,
  );
  for (const key of ['stroke', 'black', 'toned', 'darkness', 'shade'] as const) {
    assert.ok(a[key] !== b[key] && (mixed[key] - a[key]) * (mixed[key] - b[key]) < 0, key);
  }
});

test('strokes become wider, and none is lost where they become thinner', () => {
  const size = { width: 64, height: 64 };
  const widths = [0.6, 1, 1.5].map((wanted) => {
    const layers = new Float32Array(64 * 64 * 4);
    for (let i = 0; i < 64 * 64; i++) layers[i * 4] = Math.min(Math.max(0.5 + (2 - Math.abs((i % 16) - 8)) / 2, 0), 1);
    reline(layers, size, false, wanted);
    return strokeWidth(layers, size, false);
  });
  assert.ok(widths[0]! > 0 && widths[0]! <= widths[1]! && widths[2]! > 1.25 * widths[1]!, widths.join());
});

/** Shares of ink and of solid black of a clip's frame, and the mean width of what else is black. */
interface Look {
  readonly bytes: Uint8Array;
  readonly ink: number;
  readonly black: number;
  readonly stroke: number;
}

/** A page of the drawing teacher: another photo in one of its styles. */
async function taught(style: string): Promise<Pixels> {
  const photo = await decodePhoto(samplePath('sample:photos/allium.jpg')!, 512);
  const [drawing] = drawPhoto(photo, [DRAWING_STYLES.find(({ name }) => name === style)!.style]);
  const grey = compose(drawing!, { screenPeriod: 7, screenAngleDeg: 45 });
  return { ...photo, data: Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]!) };
}

for (const model of ['ink', 'pencil', 'webtoon']) {
  test(`${model}: pages steer how dark and how thick it draws, by their strength; blends lie between`, async (t) => {
    const pipeline = await createPipeline({ engine: 'onnx', model });
    t.after(() => pipeline.close());
    const SIZE = 192;
    const settings = (more: Partial<ClipSettings>) =>
      parseSettings(clipSchema, { size: `${SIZE}x${SIZE}`, frames: 1, amount: 0, ...more });
    const photo = await decodePhoto(samplePath('sample:photos/nagasaki.jpg')!, 700);
    const content = await pipeline.encode(photo, settings({}));
    const look = async (style?: Style, styleStrength = 1): Promise<Look> => {
      const clip = await pipeline.decode(content, settings({ styleStrength }), style);
      const bytes = await clip.render(0, 1);
      const channels = clip.shape[3];
      clip.dispose();
      const grey = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => bytes[i * channels]!);
      const { black, stroke } = measurePrint(grey, SIZE, SIZE);
      return { bytes, ink: bytes.reduce((sum, v) => sum + 1 - v / 255, 0) / bytes.length, black, stroke: stroke ?? 0 };
    };
    const light = await pipeline.encodeStyle([await taught('light')]);
    const bold = await pipeline.encodeStyle([await sheet({ stroke: 12, black: 330 })]);
    const [plain, lightly, boldly] = [await look(), await look(light), await look(bold)];
    t.diagnostic(JSON.stringify([plain, lightly, boldly].map(({ ink, black, stroke }) => ({ ink, black, stroke }))));
    assert.ok(boldly.ink - lightly.ink >= 0.05, `ink ${lightly.ink} to ${boldly.ink}`);
    // No page, and a page at no strength, are the same; half the strength is half way.
    assert.deepEqual((await look(bold, 0)).bytes, plain.bytes);
    const half = await look(bold, 0.5);
    // The bold page has black and no tones: hatching gives way as black comes, so that only black must rise all the way.
    const dark = model === 'pencil' ? 'black' : 'ink';
    assert.ok(plain[dark] < half[dark] && half[dark] < boldly[dark], `${plain[dark]} ${half[dark]} ${boldly[dark]}`);
    const lighter = await look(light, 0.5);
    assert.ok(plain.ink > lighter.ink && lighter.ink > lightly.ink, `${plain.ink} ${lighter.ink} ${lightly.ink}`);
    const blend = await look(await pipeline.encodeStyle([light, bold]));
    assert.ok(lightly.ink < blend.ink && blend.ink < boldly.ink, `${lightly.ink} ${blend.ink} ${boldly.ink}`);
    const again = await look(bold);
    // A sum's last digit may differ from run to run of an engine with many threads.
    const apart = again.bytes.reduce((sum, v, i) => sum + Math.abs(v - boldly.bytes[i]!), 0) / again.bytes.length;
    t.diagnostic(`the same page again: ${apart} of 255 apart`);
    assert.ok(apart < 0.1, `the same page twice: ${apart} of 255 apart`);
    if (model === 'ink') {
      assert.ok(boldly.black > 2 * lightly.black && boldly.black > 1.2 * plain.black, `${boldly.black} ${plain.black}`);
    }
    content.dispose();
  });
}
