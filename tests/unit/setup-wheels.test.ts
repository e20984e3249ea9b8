import assert from 'node:assert/strict';
import test from 'node:test';
import { libraryFor } from '../../lib/engines/setup/wheels.ts';

test('each machine gets its library', () => {
  const cpu = libraryFor({ cuda: false, platform: 'linux', arch: 'x64', glibc: '2.36' });
  assert.equal(cpu.name, 'libtensorflow-2.21.0-cpu');
  assert.deepEqual(
    cpu.wheels.map(({ requirement }) => requirement),
    ['tensorflow-cpu==2.21.0'],
  );
  const cuda = libraryFor({ cuda: true, platform: 'linux', arch: 'x64', glibc: '2.36' });
  assert.equal(cuda.name, 'libtensorflow-2.21.0-cuda');
  assert.ok(cuda.wheels.some(({ requirement }) => requirement.startsWith('nvidia-cudnn-cu12==9.')));
  for (const { sha256 } of [...cpu.wheels, ...cuda.wheels]) assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.match(
    libraryFor({ cuda: false, platform: 'linux', arch: 'arm64', glibc: '2.36' }).wheels[0].platforms[0],
    /aarch64/,
  );
});

test('a machine without a library is told what to use instead', () => {
  const unsupported = [
    [{ platform: 'darwin', arch: 'arm64', glibc: undefined }, /not darwin.*webgpu/],
    [{ platform: 'linux', arch: 'x64', glibc: undefined }, /glibc.*Debian-based image/],
    [{ platform: 'linux', arch: 'arm64', glibc: '2.36', cuda: true }, /no TensorFlow with CUDA for arm64/],
    [{ platform: 'linux', arch: 'riscv64', glibc: '2.36' }, /no TensorFlow for riscv64/],
  ] as const;
  for (const [machine, message] of unsupported) {
    assert.throws(() => libraryFor({ cuda: false, ...machine }), { code: 'ENGINE_MISSING', message });
  }
});
