/** The documents as their readers get them: files, code blocks, links. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/checkpoint/shipped.ts';

export const ROOT = packageRoot();

/** Documents, relative to the repository: every README and all of docs/. */
export const DOCUMENTS: readonly string[] = globSync(
  ['README*.md', 'docs/**/*.md', 'dashboard/README.md', 'models/*/README.md'],
  { cwd: ROOT },
).sort();

export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

export interface CodeBlock {
  readonly file: string;
  /** Of the first line of code, from 1. */
  readonly line: number;
  /** 'sh', 'js', ... or '' */
  readonly language: string;
  readonly lines: readonly string[];
}

export function codeBlocks(file: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  for (const [index, line] of textOf(file).split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open) {
      blocks.push({ file, ...open });
      open = undefined;
    } else open = { line: index + 2, language: fence[1]!, lines: [] };
  }
  return blocks;
}

/** A document without its code blocks. */
export function proseOf(file: string): string {
  return textOf(file).replace(/^```[\s\S]*?^```/gm, '');
}

/** Names of a document's headings, as GitHub makes them. */
export function anchorsOf(file: string): Set<string> {
  const headings = [...proseOf(file).matchAll(/^#{1,6} (.+)$/gm)].map(([, text]) => text!);
  return new Set(
    headings.map((text) =>
      text
        .replace(/[`*]/g, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}
