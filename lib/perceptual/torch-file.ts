/**
 * State dicts as torch.save writes them: a zip file of `data.pkl` and one file a storage (since PyTorch 1.6), or, before,
 * pickles followed by the storages. The pickle is read by a reader that calls nothing (pickle.ts); anything but a
 * dictionary of tensors is refused.
 */
import { fromHalf } from '../checkpoint/half.ts';
import type { TensorData } from '../engines/engine.ts';
import { PickleGlobal, type PickleHandlers, type PickleMap, type PickleValue, readPickle, refuse } from './pickle.ts';
import type { Bytes } from './state-dict.ts';
import { readZipDirectory, type ZipEntry, zipDataOffset } from './zip.ts';

/** torch/serialization.py */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const ZIP_MAGIC = 0x04034b50;
const MAX_PICKLE = 16 * 2 ** 20;
const ITEM_BYTES: Readonly<Record<string, number>> = {
  FloatStorage: 4,
  HalfStorage: 2,
  DoubleStorage: 8,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
};

class Storage {
  readonly key: string;
  readonly type: string;
  readonly elements: number;

  constructor(key: string, type: string, elements: number) {
    this.key = key;
    this.type = type;
    this.elements = elements;
  }
}

class StoredTensor {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
  }
}

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const isSize = (value: PickleValue | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const areSizes = (value: PickleValue | undefined): value is number[] => Array.isArray(value) && value.every(isSize);

/** _rebuild_tensor_v2(storage, offset, size, stride, …) */
function rebuildTensor([storage, offset, shape, stride]: readonly PickleValue[]): StoredTensor {
  if (!(storage instanceof Storage) || !isSize(offset) || !areSizes(shape) || !areSizes(stride))
    return refuse('it holds a malformed tensor');
  const rowMajor = shape.map((_, i) => count(shape.slice(i + 1)));
  if (shape.some((size, i) => size > 1 && stride[i] !== rowMajor[i]))
    return refuse('it holds a transposed view of a tensor: save it with .contiguous()');
  if (offset + count(shape) > storage.elements) return refuse('it holds a tensor that is larger than its storage');
  return new StoredTensor(storage, offset, shape);
}

/** Keeps in `storages` what it meets. */
function handlers(storages: Map<string, Storage>): PickleHandlers {
  return {
    reduce({ name }, args) {
      if (name === 'collections.OrderedDict') return new Map();
      if (name === 'torch._utils._rebuild_tensor_v2' || name === 'torch._utils._rebuild_tensor')
        return rebuildTensor(args);
      if (name === 'torch._utils._rebuild_parameter' && args[0] instanceof StoredTensor) return args[0];
      return refuse(`it calls ${name.slice(0, 80)}: only a state dict of plain tensors is read, no whole model`);
    },
    persistent(id) {
      const [kind, type, key, , elements] = Array.isArray(id) ? (id as PickleValue[]) : [];
      const name = type instanceof PickleGlobal ? type.name.replace(/^torch\./, '') : '';
      if (kind !== 'storage' || !Object.hasOwn(ITEM_BYTES, name) || typeof key !== 'string' || !isSize(elements))
        return refuse('it refers to something that is no tensor storage');
      const storage = new Storage(key, name, elements);
      storages.set(key, storage);
      return storage;
    },
  };
}

/** The dictionary itself, or the one that training scripts keep under `state_dict`. */
function tensorsOf(value: PickleValue): Map<string, StoredTensor> {
  const inner = value instanceof Map ? (value as PickleMap).get('state_dict') : undefined;
  const dictionary = inner instanceof Map ? (inner as PickleMap) : value;
  if (!(dictionary instanceof Map)) return refuse('it holds no state dict');
  const found = new Map<string, StoredTensor>();
  for (const [name, tensor] of dictionary as PickleMap) {
    if (typeof name === 'string' && tensor instanceof StoredTensor) found.set(name, tensor);
  }
  if (found.size === 0) return refuse('its state dict holds no tensor');
  return found;
}

function decode(bytes: Uint8Array, type: string): Float32Array {
  if (type === 'FloatStorage') return new Float32Array(bytes.buffer);
  if (type === 'HalfStorage') return Float32Array.from(new Uint16Array(bytes.buffer), fromHalf);
  if (type === 'DoubleStorage') return Float32Array.from(new Float64Array(bytes.buffer));
  return refuse(`it holds weights of type ${type.replace('Storage', '')}, not float32, float16 or float64`);
}

/** Where each storage's bytes are. */
type Locate = (storage: Storage) => Promise<number>;

async function openZip(file: Bytes): Promise<{ value: PickleValue; locate: Locate }> {
  const entries = await readZipDirectory(file);
  const root = [...entries.keys()].find((name) => name.endsWith('/data.pkl'))?.slice(0, -'data.pkl'.length);
  if (root === undefined) return refuse('it is a zip file, but not by torch.save (it has no data.pkl)');
  const read = async (entry: ZipEntry) => {
    if (entry.size > MAX_PICKLE) refuse('its pickle is too long for a state dict');
    return file.read(await zipDataOffset(file, entry), entry.size);
  };
  const order = entries.get(`${root}byteorder`);
  if (order && new TextDecoder().decode(await read(order)) !== 'little') refuse('it was written big-endian');
  const { value } = readPickle(await read(entries.get(`${root}data.pkl`)!), 0, handlers(new Map()));
  return {
    value,
    async locate({ key, type, elements }) {
      const entry = entries.get(`${root}data/${key}`);
      if (!entry || entry.size < elements * ITEM_BYTES[type]!) return refuse('it lacks the data of a tensor');
      return zipDataOffset(file, entry);
    },
  };
}

/** magic, protocol, system, dictionary, list of storage keys; then of each storage its length (int64) and elements. */
async function openLegacy(file: Bytes): Promise<{ value: PickleValue; locate: Locate }> {
  const head = await file.read(0, Math.min(file.size, MAX_PICKLE));
  const storages = new Map<string, Storage>();
  let at = 0;
  const next = () => {
    const { value, end } = readPickle(head, at, handlers(storages));
    at = end;
    return value;
  };
  if (next() !== LEGACY_MAGIC) refuse('it is no file by torch.save');
  next();
  const system = next();
  if (system instanceof Map && (system as PickleMap).get('little_endian') === false)
    refuse('it was written big-endian');
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) return refuse('it lacks the list of its tensors');
  const offsets = new Map<PickleValue, number>();
  for (const key of keys as PickleValue[]) {
    const storage = storages.get(key as string);
    if (!storage) return refuse('it lists data that no tensor uses');
    offsets.set(key, at + 8);
    at += 8 + storage.elements * ITEM_BYTES[storage.type]!;
  }
  return { value, locate: async ({ key }) => offsets.get(key) ?? refuse('it lacks the data of a tensor') };
}

/** @throws MangaError BAD_INPUT, its message a clause about the file: 'it is …' */
export async function readTorchFile(file: Bytes, wanted: (name: string) => boolean): Promise<Map<string, TensorData>> {
  const start = await file.read(0, Math.min(4, file.size));
  if (start.length < 4) return refuse('it is too short');
  const isZip = new DataView(start.buffer).getUint32(0, true) === ZIP_MAGIC;
  if (!isZip && start[0] !== 0x80) return refuse('it is no file by torch.save');
  const { value, locate } = isZip ? await openZip(file) : await openLegacy(file);
  const tensors = new Map<string, TensorData>();
  for (const [name, { storage, offset, shape }] of tensorsOf(value)) {
    if (!wanted(name)) continue;
    const item = ITEM_BYTES[storage.type]!;
    const bytes = await file.read((await locate(storage)) + offset * item, count(shape) * item);
    tensors.set(name, { shape, dtype: 'float32', data: decode(bytes, storage.type) });
  }
  return tensors;
}
