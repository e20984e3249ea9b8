import { MangaError } from '../../errors/manga-error.ts';

export const TENSORFLOW_VERSION = '2.21.0';

/** A wheel of the Python package index and what is taken out of it. */
export interface Wheel {
  /** As pip wants it: `name==version`. */
  readonly requirement: string;
  /** pip's platform tags, any of which fits. */
  readonly platforms: readonly string[];
  readonly sha256: string;
  readonly bytes: number;
  /** Prefixes of the members to unpack. */
  readonly members: readonly string[];
}

/** Everything one flavour of libtensorflow consists of. */
export interface Library {
  /** Folder name in the cache. */
  readonly name: string;
  readonly wheels: readonly Wheel[];
}

// The C API's headers and all that they include; the whole of include/ is 13,000 files.
const TENSORFLOW_MEMBERS = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/ctstring',
  'tensorflow/include/tsl/platform/ctstring',
  'tensorflow/include/xla/tsl/c/',
  'tensorflow/THIRD_PARTY_NOTICES.txt',
];

const CPU_X64: Wheel = {
  requirement: `tensorflow-cpu==${TENSORFLOW_VERSION}`,
  platforms: ['manylinux_2_27_x86_64'],
  sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
  bytes: 274_000_871,
  members: TENSORFLOW_MEMBERS,
};

// On this architecture the plain wheel has no CUDA.
const CPU_ARM64: Wheel = {
  requirement: `tensorflow==${TENSORFLOW_VERSION}`,
  platforms: ['manylinux_2_27_aarch64'],
  sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
  bytes: 281_946_471,
  members: TENSORFLOW_MEMBERS,
};

const CUDA_X64: Wheel = {
  requirement: `tensorflow==${TENSORFLOW_VERSION}`,
  platforms: ['manylinux_2_27_x86_64'],
  sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
  bytes: 572_611_111,
  members: TENSORFLOW_MEMBERS,
};

/** The wheels that TensorFlow's extra `and-cuda` names, without the compiler (nvcc): only XLA would call it. */
const NVIDIA_X64: readonly Wheel[] = [
  nvidia('cublas', '12.9.3.13', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72', 581_217_458),
  nvidia('cuda-cupti', '12.8.90', 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182', 10_248_621),
  nvidia('cuda-nvrtc', '12.9.86', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4', 89_568_129),
  nvidia('cuda-runtime', '12.9.79', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3', 3_493_179),
  nvidia('cudnn', '9.28.0.42', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375', 716_538_495),
  nvidia('cufft', '11.4.1.4', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28', 200_877_592),
  nvidia('curand', '10.3.10.19', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e', 68_295_626),
  nvidia('cusolver', '11.7.5.82', '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88', 338_117_415),
  nvidia('cusparse', '12.5.10.65', '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78', 366_465_088),
  nvidia('nccl', '2.32.3', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c', 351_526_311),
  nvidia('nvjitlink', '12.9.86', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9', 39_748_338),
];

function nvidia(name: string, version: string, sha256: string, bytes: number): Wheel {
  return {
    requirement: `nvidia-${name}-cu12==${version}`,
    platforms: ['manylinux_2_27_x86_64', 'manylinux2014_x86_64', 'manylinux2010_x86_64'],
    sha256,
    bytes,
    members: ['nvidia/'],
  };
}

/**
 * The libtensorflow for this machine.
 * @throws MangaError ENGINE_MISSING where there is none, saying what to use instead
 */
export function libraryFor(options: { cuda: boolean; platform?: string; arch?: string; glibc?: string }): Library {
  const { cuda, platform = process.platform, arch = process.arch } = options;
  const alternative = "Use the engine 'onnx' to run and 'webgpu' to train.";
  if (platform !== 'linux') {
    throw new MangaError('ENGINE_MISSING', `This set-up serves Linux only, not ${platform}.`, alternative);
  }
  const glibc = 'glibc' in options ? options.glibc : runningGlibc();
  if (!glibc) {
    const hint = `${alternative} Or take a Debian-based image, such as nodered/node-red with the tag suffix -debian.`;
    throw new MangaError(
      'ENGINE_MISSING',
      'TensorFlow needs glibc, and this system (Alpine?) has another C library.',
      hint,
    );
  }
  const name = `libtensorflow-${TENSORFLOW_VERSION}-${cuda ? 'cuda' : 'cpu'}`;
  if (arch === 'x64') return { name, wheels: cuda ? [CUDA_X64, ...NVIDIA_X64] : [CPU_X64] };
  if (arch === 'arm64' && !cuda) return { name, wheels: [CPU_ARM64] };
  throw new MangaError('ENGINE_MISSING', `There is no TensorFlow${cuda ? ' with CUDA' : ''} for ${arch}.`, alternative);
}

function runningGlibc(): string | undefined {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime;
}
