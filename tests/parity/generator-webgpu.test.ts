import { swiftShaderEnvironment } from '../../lib/engines/load-tfjs.ts';
import { createTfjsEngine } from '../../lib/engines/tfjs.ts';
import { checkGenerator } from './check-generator.ts';

if (!process.env.VK_DRIVER_FILES) Object.assign(process.env, swiftShaderEnvironment());
await checkGenerator(() => createTfjsEngine('webgpu'));
