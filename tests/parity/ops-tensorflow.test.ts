import { createTfjsEngine } from '../../lib/engines/tfjs.ts';
import { checkEngineIfPresent } from './check-engine.ts';

await checkEngineIfPresent(() => createTfjsEngine('tensorflow'), 1e-4);
