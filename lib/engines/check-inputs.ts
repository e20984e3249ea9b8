import { MangaError } from '../errors/manga-error.ts';
import type { EngineTensor, Program } from './engine.ts';

/** @throws MangaError BAD_INPUT naming the input, the axes expected and the shape given. */
export function checkInputs(program: Program, inputs: Readonly<Record<string, EngineTensor>>): void {
  const name = program.name.split('-{')[0];
  const known = new Map<string, { size: number; key: string }>();
  for (const [key, axes] of Object.entries(program.inputs)) {
    const given = inputs[key];
    if (!given)
      throw new MangaError('BAD_INPUT', `${name} needs the input '${key}' [${axes.join(', ')}], which is missing.`);
    const fits =
      given.shape.length === axes.length &&
      axes.every((axis, i) => typeof axis === 'string' || axis === given.shape[i]);
    if (!fits)
      throw new MangaError(
        'BAD_INPUT',
        `${name}: input '${key}' must be [${axes.join(', ')}], but is [${given.shape.join(', ')}].`,
      );
    for (const [i, axis] of axes.entries()) {
      if (typeof axis === 'number') continue;
      const size = given.shape[i]!;
      const first = known.get(axis);
      if (first && first.size !== size)
        throw new MangaError(
          'BAD_INPUT',
          `${name}: ${axis} is ${first.size} in input '${first.key}', but ${size} in '${key}' [${given.shape.join(', ')}].`,
        );
      known.set(axis, { size, key });
    }
  }
}
