import { resolve } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';

/** A node as the editor saves it: `<field>Type` is the type of a typedInput. */
export interface NodeRecord {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly [field: string]: unknown;
}

/** How a node's fields become values: by Node-RED, or without it. */
export interface ConfigReader {
  /** Value of a typedInput; undefined for what is missing. */
  value(value: string, type: string): unknown;
  /** Absolute form of a path that a user typed. */
  path(path: string): string;
}

/** What blank fields and absent ones mean: the schema's default. */
export function plain(config: NodeRecord, ...fields: string[]): Record<string, unknown> {
  const set = fields.filter((field) => config[field] !== '' && config[field] !== undefined);
  return Object.fromEntries(set.map((field) => [field, config[field]]));
}

/**
 * @returns undefined for what is blank or missing, so that a schema's default applies
 * @throws MangaError BAD_SETTING naming node and field when it cannot be read
 */
export async function typed(reader: ConfigReader, config: NodeRecord, field: string): Promise<unknown> {
  const value = config[field];
  if (value === '' || value === undefined) return undefined;
  const type = String(config[`${field}Type`] ?? 'str');
  let found: unknown;
  try {
    found = await reader.value(String(value), type);
  } catch (cause) {
    if (cause instanceof MangaError) throw cause;
    // A typing error in JSON, most of all.
    const what = `${config.name || config.type}: ${field} is no ${type.toUpperCase()}: ${(cause as Error).message}.`;
    throw new MangaError('BAD_SETTING', what, 'Open the node and correct it.', { cause });
  }
  return found === '' || found === null ? undefined : found;
}

/** One path or several of a typedInput, absolute. */
export async function typedPaths(
  reader: ConfigReader,
  config: NodeRecord,
  field: string,
): Promise<string[] | undefined> {
  const value = await typed(reader, config, field);
  if (value === undefined) return undefined;
  const paths = (Array.isArray(value) ? value : [value]).filter((path) => path !== '');
  return paths.map((path) => reader.path(String(path)));
}

/**
 * Reads a flow file's fields without Node-RED.
 * @param folder where relative paths start
 */
export function fileReader(folder: string): ConfigReader {
  return {
    path: (path) => resolve(folder, path),
    value(value, type) {
      switch (type) {
        case 'str':
          return value;
        case 'num':
          return Number(value);
        case 'bool':
          return value === 'true';
        case 'json':
          return JSON.parse(value) as unknown;
        case 'env':
          return process.env[value];
        default:
          throw new MangaError(
            'BAD_SETTING',
            `${type}.${value} is known only inside a running Node-RED.`,
            'Set the value itself, or an environment variable.',
          );
      }
    },
  };
}
