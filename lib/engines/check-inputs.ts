import { MangaError } from '../errors/manga-error.ts';
import type { EngineTensor, Program } from './engine.ts';

/** @throws MangaError BAD_INPUT naming the input, the axes expected and the shape given. */
export function checkInputs(program: Program, inputs: Readonly<Record<string, EngineTensor>>): void {
  const name = program.name.split('-{')[0];
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
  }
}
