/** The committed numbers of make_goldens.py, and the inputs that both sides compute by the same formulas (pattern.py). */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

/** What is kept of a tensor: its norm, its product with a pattern, and its elements or some of them, evenly spaced. */
export interface Summary {
  readonly shape: readonly number[];
  readonly norm: number;
  readonly product: number;
  readonly elements: readonly number[];
}

/** Outputs, and the gradient of sum over outputs of sum(output * pattern(shape, seedOf(name))) for every leaf. */
export interface Case {
  readonly outputs: Readonly<Record<string, Summary>>;
  readonly gradients: Readonly<Record<string, Summary>>;
}

export async function readGolden<G>(name: 'network' | 'operations' | 'training'): Promise<G> {
  return JSON.parse(await readFile(new URL(`./${name}.json`, import.meta.url), 'utf8'));
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** offset + scale * sin(.7 i² + 1.3 i + seed) of the flat index i */
export function pattern(shape: readonly number[], seed: number, scale = 1, offset = 0): Float32Array {
  return Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => offset + scale * Math.sin(0.7 * i * i + 1.3 * i + seed),
  );
}

export function seedOf(name: string): number {
  return [...name].reduce((sum, letter, k) => sum + (k + 1) * letter.charCodeAt(0), 0) % 1000;
}

/** Deviation about 1/sqrt(fan in) for filters, .07 for biases. */
export function weightPattern(name: string, shape: readonly number[]): Float32Array {
  const fanIn = sizeOf(shape.slice(0, -1));
  return pattern(shape, seedOf(name), shape.length === 1 ? 0.1 : (2 / fanIn) ** 0.5);
}

/** Fails unless norm, product and every kept element agree within `tolerance` of the tensor's size. */
export function assertSummary(
  actual: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  expected: Summary,
  tolerance: number,
  name: string,
): void {
  const { shape, norm, product, elements } = expected;
  assert.deepEqual([...actual.shape], [...shape], `shape of ${name}`);
  const data = Float64Array.from(actual.data);
  const root = Math.sqrt(data.length);
  const within = (a: number, b: number, scale: number, what: string) =>
    assert.ok(Math.abs(a - b) <= tolerance * scale, `${what} of ${name} is ${a}, not ${b} (size ${scale})`);
  within(Math.hypot(...data), norm, norm, 'norm');
  const against = pattern(shape, 5);
  within(
    data.reduce((sum, value, i) => sum + value * against[i]!, 0),
    product,
    norm,
    'product',
  );
  // An element may be near zero by cancellation: its error is that of the tensor's typical element.
  elements.forEach((value, k) => {
    const i = Math.floor((k * data.length) / elements.length);
    within(data[i]!, value, Math.max(norm / root, Math.abs(value)), `element ${i}`);
  });
}
