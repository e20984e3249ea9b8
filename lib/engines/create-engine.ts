import { MangaError, toWire } from '../errors/manga-error.ts';
import type { Engine, EngineName } from './engine.ts';

/** 'auto' tries them in this order: the first needs nothing installed, the others may. */
const PREFERENCE: readonly EngineName[] = ['onnx', 'tensorflow', 'webgpu'];

async function create(name: EngineName): Promise<Engine> {
  if (name === 'onnx') return (await import('./onnx.ts')).createOnnxEngine();
  return (await import('./tfjs.ts')).createTfjsEngine(name);
}

/** An engine that says, too, why it is not one of those that come before it. */
function told(engine: Engine, failures: readonly string[]): Engine {
  if (failures.length === 0) return engine;
  return Object.defineProperty(engine, 'description', { value: `${engine.description}; ${failures.join(' ')}` });
}

/**
 * Makes an engine; libraries are loaded only when asked for.
 * @throws MangaError ENGINE_MISSING; for 'auto' with what each of them lacks
 */
export async function createEngine(name: EngineName | 'auto'): Promise<Engine> {
  if (name !== 'auto') return create(name);
  const failures: string[] = [];
  for (const candidate of PREFERENCE) {
    try {
      return told(await create(candidate), failures);
    } catch (error) {
      failures.push(`${candidate}: ${toWire(error).message}`);
    }
  }
  throw new MangaError('ENGINE_MISSING', `No engine works. ${failures.join(' ')}`, 'Run: npx motion-manga doctor');
}
