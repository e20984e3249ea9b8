import { loadWebgpu, swiftShaderEnvironment } from '../../lib/engines/load-tfjs.ts';
import { checkDiscriminator, checkLosses, checkVgg19 } from '../golden/gan/gan-goldens.ts';

// Node passes what is set here on to the C library, where the Vulkan loader looks when the adapter is asked for.
if (!process.env.VK_DRIVER_FILES) Object.assign(process.env, swiftShaderEnvironment());
await checkDiscriminator(loadWebgpu, 1e-3);
await checkLosses(loadWebgpu, 1e-3);
await checkVgg19(loadWebgpu, 1e-3);
