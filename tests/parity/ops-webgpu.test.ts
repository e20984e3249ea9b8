import { swiftShaderEnvironment } from '../../lib/engines/load-tfjs.ts';
import { createTfjsEngine } from '../../lib/engines/tfjs.ts';
import { checkEngineIfPresent } from './check-engine.ts';

// Node passes what is set here on to the C library, where the Vulkan loader looks when the adapter is asked for.
if (!process.env.VK_DRIVER_FILES) Object.assign(process.env, swiftShaderEnvironment());
await checkEngineIfPresent(() => createTfjsEngine('webgpu'), 1e-3);
