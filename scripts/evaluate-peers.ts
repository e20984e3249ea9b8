/**
 * Draws photos with other programs, frame by frame, for `motion-manga evaluate --peer`: networks as ONNX files that the
 * user has (none is shipped: mind their licences), and the drawing teacher of this package.
 *
 *     node scripts/evaluate-peers.ts --photos FOLDER --out FOLDER [--peers FOLDER] [--page PICTURE] [--only NAME]... [--drawings | --clips]
 *     motion-manga evaluate --camera --photos FOLDER --peer OUT/whitebox --peer OUT/teacher ...
 *
 * Writes OUT/<peer>/<photo>/drawing.png (512 wide) and OUT/<peer>/<photo>/<move>/frame_0001.png (SK5-cam). What is
 * there already is left alone, so that an interrupted run goes on.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { listPictures } from '../lib/data/list-files.ts';
import { SkipList } from '../lib/data/skipped.ts';
import { frameOf } from '../lib/metrics/frames.ts';
import { contentClips } from '../lib/metrics/photo-subject.ts';
import { cropTo, type Picture, readPicture } from '../lib/metrics/picture.ts';
import { SK5 } from '../lib/metrics/sk5.ts';
import { drawnSize } from '../lib/metrics/subject.ts';
import { compose } from '../lib/render/compose.ts';
import { drawPhoto } from '../lib/render/draw.ts';
import { DRAWING_STYLES } from '../lib/render/style.ts';
import { drawSchema } from '../lib/settings/settings.ts';

/** Threads that wait by spinning take the cores from everything else. */
const SESSION_OPTIONS = { logSeverityLevel: 4, extra: { session: { intra_op: { allow_spinning: '0' } } } } as const;

type Draw = (picture: Picture) => Promise<Picture>;

/** How a network wants its picture. */
interface Network {
  readonly file: string;
  readonly layout: 'NCHW' | 'NHWC';
  readonly order: 'RGB' | 'BGR';
  /** Values of black and white. */
  readonly range: readonly [number, number];
  /** Side it is fixed to; null: any multiple of 4. */
  readonly side: number | null;
}

const NETWORKS: Readonly<Record<string, Network>> = {
  'cartoongan-hayao': { file: 'cartoongan_hayao.fp16w.onnx', layout: 'NCHW', order: 'RGB', range: [-1, 1], side: null },
  'cartoongan-light': {
    file: 'cartoongan_light_paprika.onnx',
    layout: 'NHWC',
    order: 'RGB',
    range: [-1, 1],
    side: null,
  },
  whitebox: { file: 'whitebox_cartoon_gan_dr.onnx', layout: 'NHWC', order: 'BGR', range: [-1, 1], side: 512 },
  'faststyle-wave': { file: 'faststyle_wave.fp16w.onnx', layout: 'NCHW', order: 'RGB', range: [-1, 1], side: null },
  'faststyle-la-muse': {
    file: 'faststyle_la_muse.fp16w.onnx',
    layout: 'NCHW',
    order: 'RGB',
    range: [-1, 1],
    side: null,
  },
};
const ARBITRARY = {
  predict: { file: 'arbitrary_style_predict_256.onnx', layout: 'NHWC', order: 'RGB', range: [0, 1], side: 256 },
  transfer: { file: 'arbitrary_style_transfer_384.onnx', layout: 'NHWC', order: 'RGB', range: [0, 1], side: 384 },
} as const satisfies Record<string, Network>;

const resize = (picture: Picture, width: number, height: number): Promise<Picture> =>
  cropTo(picture, { left: 0, top: 0, width: picture.width, height: picture.height }, width, height);

/** Index of a value in a network's tensor. */
function place({ layout, order }: Network, c: number, pixel: number, size: number): number {
  const channel = order === 'BGR' ? 2 - c : c;
  return layout === 'NCHW' ? channel * size + pixel : pixel * 3 + channel;
}

function toTensor(picture: Picture, network: Network): Tensor {
  const { width, height, data } = picture;
  const size = width * height;
  const [black, white] = network.range;
  const values = new Float32Array(3 * size);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) values[place(network, c, i, size)] = black + ((white - black) * data[3 * i + c]!) / 255;
  }
  return new Tensor('float32', values, network.layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3]);
}

function fromTensor(tensor: Tensor, network: Network): Picture {
  const [height, width] = (network.layout === 'NCHW' ? tensor.dims.slice(2) : tensor.dims.slice(1, 3)) as [
    number,
    number,
  ];
  const size = width * height;
  const [black, white] = network.range;
  const values = tensor.data as Float32Array;
  const data = new Uint8Array(3 * size);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) {
      const value = (values[place(network, c, i, size)]! - black) / (white - black);
      data[3 * i + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }
  return { width, height, channels: 3, data };
}

/** @param others feeds besides the picture, by input name */
async function drawWith(folder: string, network: Network, others: Record<string, Tensor> = {}): Promise<Draw> {
  const session = await InferenceSession.create(join(folder, network.file), SESSION_OPTIONS);
  const input = session.inputNames.find((name) => !(name in others))!;
  const near4 = (side: number) => network.side ?? Math.round(side / 4) * 4;
  return async (picture) => {
    const sized = await resize(picture, near4(picture.width), near4(picture.height));
    const results = await session.run({ ...others, [input]: toTensor(sized, network) });
    return resize(fromTensor(results[session.outputNames[0]!]!, network), picture.width, picture.height);
  };
}

/** Magenta's arbitrary stylization with a page as its style. */
async function drawLikePage(folder: string, page: string): Promise<Draw> {
  const predict = await InferenceSession.create(join(folder, ARBITRARY.predict.file), SESSION_OPTIONS);
  const style = await resize(await readPicture(page), ARBITRARY.predict.side, ARBITRARY.predict.side);
  const results = await predict.run({ [predict.inputNames[0]!]: toTensor(style, ARBITRARY.predict) });
  const bottleneck = results[predict.outputNames[0]!]!;
  return drawWith(folder, ARBITRARY.transfer, { 'mobilenet_conv/Conv/BiasAdd': bottleneck });
}

/**
 * The procedural drawing that the generator is taught by, in its first style, drawn anew for each frame; as large as
 * clips are drawn (detail), and reduced.
 */
const teacher: Draw = async (picture) => {
  const { detail } = drawSchema.parse({});
  const large = await resize(picture, Math.round(picture.width * detail), Math.round(picture.height * detail));
  const [drawing] = drawPhoto(large, [DRAWING_STYLES[0]!.style]);
  const data = compose(drawing!, { screenPeriod: 5 * detail, screenAngleDeg: 45 });
  return resize({ ...large, channels: 1, data }, picture.width, picture.height);
};

async function write({ width, height, channels, data }: Picture, path: string): Promise<void> {
  await sharp(data, { raw: { width, height, channels } }).png({ compressionLevel: 6 }).toFile(path);
}

async function drawAll(draw: Draw, photo: { file: string; name: string }, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const drawing = join(folder, 'drawing.png');
  if (!values.clips && !existsSync(drawing)) {
    const picture = await readPicture(photo.file);
    const { width, height } = drawnSize(picture);
    await write(await draw(await resize(picture, width, height)), drawing);
  }
  if (values.drawings) return;
  for (const { move, frames } of await contentClips(photo, SK5)) {
    await mkdir(join(folder, move), { recursive: true });
    for (let t = 0; t < frames.count; t++) {
      const path = join(folder, move, `frame_${String(t + 1).padStart(4, '0')}.png`);
      if (!existsSync(path)) await write(await draw(frameOf(frames, t)), path);
    }
  }
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values } = parseArgs({
  options: {
    ...{ photos: text, out: text, peers: text, page: text },
    ...{ only: { ...text, multiple: true }, drawings: flag, clips: flag },
  },
});
const { photos, out, peers, page } = values;
if (!photos || !out) {
  console.error(
    'Usage: node scripts/evaluate-peers.ts --photos FOLDER --out FOLDER [--peers FOLDER] [--page PICTURE] [--only NAME]...',
  );
  process.exit(2);
}
const makers: Record<string, () => Promise<Draw>> = { teacher: async () => teacher };
if (peers) {
  for (const [name, network] of Object.entries(NETWORKS)) {
    if (existsSync(join(peers, network.file))) makers[name] = () => drawWith(peers, network);
  }
  if (page && existsSync(join(peers, ARBITRARY.transfer.file)))
    makers['arbitrary-style'] = () => drawLikePage(peers, page);
}
const files = await listPictures([photos], 'photos', new SkipList());
for (const [name, make] of Object.entries(makers)) {
  if (values.only && !values.only.includes(name)) continue;
  const draw = await make();
  for (const { file } of files) {
    const photo = { file, name: parse(file).name };
    console.log(`${name}: ${photo.name}`);
    await drawAll(draw, photo, join(out, name, photo.name));
  }
}
