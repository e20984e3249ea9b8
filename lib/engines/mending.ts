import { existsSync } from 'node:fs';

/** The commands that mend an engine, as the user must type them: from a checkout (.ts) or from an installed package. */
const fromSources = import.meta.url.endsWith('.ts');

const TFJS_VERSION = '4.22.0';

export type Fault =
  | 'onnx'
  | 'tensorflow-package'
  | 'tensorflow'
  | 'tensorflow-again'
  | 'webgpu-package'
  | 'webgpu-driver'
  | 'ffmpeg';

/** The shell command, or null where no single command helps. */
export function command(fault: Fault): string | null {
  const setup = fromSources ? 'npm run setup:tensorflow' : 'npx motion-manga setup tensorflow';
  switch (fault) {
    case 'onnx':
      return 'npm install onnxruntime-node';
    case 'tensorflow-package':
      // Its own install script fetches a TensorFlow of 2022 from a host that closed networks cannot reach.
      return `npm install --ignore-scripts @tensorflow/tfjs-node-gpu@${TFJS_VERSION} && ${setup}`;
    case 'tensorflow':
      return setup;
    case 'tensorflow-again':
      return `${setup}${fromSources ? ' --' : ''} --force`;
    case 'webgpu-package':
      return `npm install webgpu @tensorflow/tfjs-backend-webgpu@${TFJS_VERSION} @tensorflow/tfjs-core@${TFJS_VERSION}`;
    case 'ffmpeg':
      return { linux: 'sudo apt-get install ffmpeg', darwin: 'brew install ffmpeg', win32: 'winget install ffmpeg' }[
        process.platform as string
      ] as string;
    case 'webgpu-driver':
      return hasLinuxGpu() ? 'sudo apt-get install libvulkan1 mesa-vulkan-drivers' : null;
  }
}

/** No driver package helps a machine without a GPU. (dxg: the GPU of Windows, seen from its Linux.) */
function hasLinuxGpu(): boolean {
  return ['/dev/dri', '/dev/nvidia0', '/dev/dxg'].some((path) => existsSync(path));
}

/** As a sentence for the hint of an error. */
export function mendingCommand(fault: Fault): string {
  const shell = command(fault);
  if (fault === 'webgpu-driver') {
    const install = shell ? ` Install a Vulkan driver (\`${shell}\`, or that of the GPU's maker).` : '';
    return `WebGPU needs a GPU and its driver.${install} Without a GPU use the engine 'onnx' or 'tensorflow'.`;
  }
  return `Run \`${shell}\`.`;
}
