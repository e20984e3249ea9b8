/** Options of a command as a zod schema says them: `screenPeriod` is `--screen-period`. */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { MangaError } from '../lib/errors/manga-error.ts';

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** parseArgs takes the value of `--screen-angle -30` for an option. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? '';
    if (/^-\.?\d/.test(arg) && before.startsWith('--') && !before.includes('=')) {
      joined[joined.length - 1] = `${before}=${arg}`;
    } else joined.push(arg);
  }
  return joined;
}

const isList = (field: z.ZodType): boolean => z.toJSONSchema(field, { io: 'input' }).type === 'array';

/**
 * @param schema a field whose value is a list may be given more than once
 * @returns undefined when help was asked for
 * @throws MangaError BAD_SETTING naming each wrong option; ERR_PARSE_ARGS_* of node:util
 */
export function parseOptions<S extends z.ZodObject<Readonly<Record<string, z.ZodType>>>>(
  schema: S,
  args: readonly string[],
): { inputs: string[]; options: z.infer<S>; json: boolean } | undefined {
  const names = Object.keys(schema.shape);
  const { values, positionals } = parseArgs({
    args: joinNegative(args),
    options: {
      ...Object.fromEntries(
        names.map((name) => [dashed(name), { type: 'string' as const, multiple: isList(schema.shape[name]!) }]),
      ),
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const given: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>> = values;
  if (given.help) return undefined;
  const result = schema.safeParse(Object.fromEntries(names.map((name) => [name, given[dashed(name)]])));
  if (!result.success) {
    const lines = result.error.issues.map((issue) => {
      const option = dashed(String(issue.path[0]));
      return given[option] === undefined ? `--${option} is missing.` : `--${option} ${given[option]}: ${issue.message}`;
    });
    throw new MangaError('BAD_SETTING', lines.join('\n'));
  }
  return { inputs: positionals, options: result.data, json: given.json === true };
}
