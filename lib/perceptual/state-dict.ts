import { open } from 'node:fs/promises';
import { readSafetensors } from '../checkpoint/safetensors.ts';
import type { TensorData } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import { readTorchFile } from './torch-file.ts';

/** Reads any part of a file. */
export interface Bytes {
  readonly size: number;
  /** @throws MangaError BAD_INPUT when the file ends before */
  read(offset: number, length: number): Promise<Uint8Array>;
}

const FIX = 'Give a state dict as .safetensors, or as .pth written by torch.save.';
/** A safetensors file is read as a whole. */
const MAX_WHOLE = 2 ** 31 - 1;

/**
 * Tensors of a state dict, float16 and float64 widened or narrowed to float32.
 * @param path .safetensors, or .pth/.pt by torch.save (zip, or the older format)
 * @param wanted which tensors to read, by name
 * @throws MangaError MODEL_MISSING when there is no such file, IO, BAD_INPUT when it is damaged or something else
 */
export async function readStateDict(path: string, wanted: (name: string) => boolean): Promise<Map<string, TensorData>> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
      throw new MangaError('MODEL_MISSING', `There is no file ${path}.`, FIX, { cause });
    throw new MangaError('IO', `Could not read ${path}: ${cause.message}.`, 'Check its permissions.', { cause });
  });
  try {
    const size = (await file.stat()).size;
    const read = async (offset: number, length: number) => {
      if (offset < 0 || length < 0 || offset + length > size)
        throw new MangaError('BAD_INPUT', 'it is cut off: it refers to bytes after its end');
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new MangaError('BAD_INPUT', 'it shrank while it was read');
        done += bytesRead;
      }
      return bytes;
    };
    if (/\.safetensors$/i.test(path)) {
      if (size > MAX_WHOLE) throw new MangaError('BAD_INPUT', 'it is larger than 2 GB');
      const { tensors } = readSafetensors(await read(0, size));
      return new Map([...tensors].filter(([name]) => wanted(name)));
    }
    return await readTorchFile({ size, read }, wanted);
  } catch (cause) {
    if (cause instanceof MangaError)
      throw new MangaError('BAD_INPUT', `${path} cannot be used: ${cause.message.replace(/\.?$/, '.')}`, FIX, {
        cause,
      });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MangaError('IO', `Could not read ${path}: ${reason}.`, 'Check the disk and its permissions.', { cause });
  } finally {
    await file.close();
  }
}
