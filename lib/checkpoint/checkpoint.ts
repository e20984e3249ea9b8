/**
 * A checkpoint is a folder: `generator.safetensors` with weights and metadata, and beside it one .onnx a program, for
 * other tools (our own engine writes its graphs from the weights).
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Program, TensorData, Weights } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import { writeOnnx } from '../network/onnx/write-onnx.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { writeFileAtomically } from './write-file.ts';

export const CHECKPOINT_FORMAT = 'motion-manga-1';
export const WEIGHTS_FILE = 'generator.safetensors';

const metadataSchema = z.object({
  format: z.literal(CHECKPOINT_FORMAT),
  /** For people. */
  name: z.string(),
  /** Sizes of the network: a NetworkConfig, to be validated by its schema. */
  config: z.record(z.string(), z.unknown()),
  /** The recipe, steps, seconds: whatever is needed to train it again. */
  training: z.record(z.string(), z.unknown()),
  dataLicence: z.string(),
  /** Commit of this repository that trained it. */
  gitCommit: z.string(),
  /** ISO 8601. */
  created: z.string(),
});

export type CheckpointMetadata = z.infer<typeof metadataSchema>;

export interface Checkpoint {
  /** `id` is the SHA-256 of the file. */
  readonly weights: Weights;
  readonly metadata: CheckpointMetadata;
}

/**
 * Writes `generator.safetensors` into the folder, atomically; makes the folder.
 * @param options.half stores weights as 16-bit floats
 * @returns the file's path
 * @throws MangaError IO
 */
export async function saveCheckpoint(
  directory: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: CheckpointMetadata,
  options: { half?: boolean } = {},
): Promise<string> {
  // The format allows text only: nested values go as JSON.
  const text: Record<string, string> = {
    ...metadata,
    config: JSON.stringify(metadata.config),
    training: JSON.stringify(metadata.training),
  };
  const path = join(directory, WEIGHTS_FILE);
  await writeFileAtomically(path, writeSafetensors(tensors, text, options));
  return path;
}

/**
 * Writes one .onnx a program into the folder, named after the program without its build options.
 * @returns the files' paths, in the order of the programs
 * @throws MangaError IO, or MODEL_MISSING when the weights lack one
 */
export async function exportOnnx(
  directory: string,
  programs: readonly Program[],
  weights: Weights,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const paths: string[] = [];
  for (const program of programs) {
    const path = join(directory, `${fileName(program)}.onnx`);
    if (paths.includes(path)) throw new MangaError('INTERNAL', `Two programs would be written to ${path}.`);
    await writeFileAtomically(path, writeOnnx(program, weights, { ...metadata, program: program.name }));
    paths.push(path);
  }
  return paths;
}

function fileName(program: Program): string {
  return program.name.replace(/-?\{.*$/s, '').replaceAll(/[^\w.-]+/g, '_');
}

/**
 * @param directory folder that holds generator.safetensors
 * @throws MangaError MODEL_MISSING when there is none, IO when it cannot be read, BAD_INPUT when it is cut off, no
 * safetensors file, or not a checkpoint of this program
 */
export async function loadCheckpoint(directory: string): Promise<Checkpoint> {
  const path = join(directory, WEIGHTS_FILE);
  const bytes = await readWeights(path);
  const { tensors, metadata } = parse(path, bytes);
  const result = metadataSchema.safeParse({
    ...metadata,
    config: parseJson(metadata.config),
    training: parseJson(metadata.training),
  });
  if (!result.success) {
    const found = metadata.format === undefined ? 'has no format' : `has the format "${metadata.format.slice(0, 80)}"`;
    const fields = [...new Set(result.error.issues.map((issue) => issue.path.join('.')))].join(', ');
    throw new MangaError(
      'BAD_INPUT',
      metadata.format === CHECKPOINT_FORMAT
        ? `${path} lacks metadata or has it wrong: ${fields}.`
        : `${path} is no checkpoint of this program: it ${found}, not "${CHECKPOINT_FORMAT}".`,
      'Use a model trained by motion-manga, or the one that came with it.',
    );
  }
  const id = createHash('sha256').update(bytes).digest('hex');
  return { weights: { id, tensors }, metadata: result.data };
}

async function readWeights(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new MangaError(
        'MODEL_MISSING',
        `There is no model at ${path}.`,
        `Give a folder that holds ${WEIGHTS_FILE}.`,
        {
          cause,
        },
      );
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MangaError('IO', `Could not read ${path}: ${reason}.`, 'Check its permissions.', { cause });
  }
}

function parse(path: string, bytes: Uint8Array) {
  try {
    return readSafetensors(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MangaError('BAD_INPUT', `The model ${path} is damaged. ${reason}`, 'Copy or download it again.', {
      cause,
    });
  }
}

/** undefined where there is no JSON: the schema then says what is wrong. */
function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
