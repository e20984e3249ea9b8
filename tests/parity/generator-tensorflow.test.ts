import { createTfjsEngine } from '../../lib/engines/tfjs.ts';
import { checkGenerator } from './check-generator.ts';

await checkGenerator(() => createTfjsEngine('tensorflow'));
