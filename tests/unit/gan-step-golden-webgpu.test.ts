import { loadWebgpu, swiftShaderEnvironment } from '../../lib/engines/load-tfjs.ts';
import { checkGanStep } from '../golden/gan-step/check-step.ts';

// Node passes what is set here on to the C library, where the Vulkan loader looks when the adapter is asked for.
if (!process.env.VK_DRIVER_FILES) Object.assign(process.env, swiftShaderEnvironment());
// On a software driver most of the time goes into compiling shaders: the defaults' verdict must do.
await checkGanStep(loadWebgpu, 1e-3, ['clip']);
