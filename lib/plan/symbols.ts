import { isHandle } from '../session/types.ts';
import type { PlanSymbol, SymbolKind } from './types.ts';

export function isSymbol(value: unknown): value is PlanSymbol {
  return typeof value === 'object' && value !== null && (value as { manga?: unknown }).manga === 'symbol';
}

/** Which node makes a symbol of each kind: what to wire in front. */
export const SYMBOL_MAKER: Record<SymbolKind, string> = {
  photo: 'a manga-dataset node',
  real: 'a manga-dataset node',
  content: 'a manga-encoder node (mode: content)',
  generated: 'a manga-tcn-decoder node',
  scores: 'a manga-discriminator node',
  loss: 'a loss node',
};

/** Describes a value for an error message, without its content. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'missing';
  if (isSymbol(value)) return `the '${value.kind}' output of ${SYMBOL_MAKER[value.kind]}`;
  if (isHandle(value)) return `a handle of one picture (${value.kind}), which is no part of training`;
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
