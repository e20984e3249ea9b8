import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { diagnose, type EngineReport, formatDoctor } from '../../lib/engines/doctor.ts';
import { swiftShaderEnvironment } from '../../lib/engines/load-tfjs.ts';
import { probe } from '../../lib/engines/probe.ts';

function byName(reports: readonly EngineReport[], name: string): EngineReport {
  const found = reports.find((report) => report.name === name);
  assert.ok(found, `no report on ${name}`);
  return found;
}

/** Runs with environment variables, which child processes inherit. */
async function withEnvironment<R>(variables: Record<string, string>, work: () => Promise<R>): Promise<R> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

test('the engines of this machine work, and say in which version and on what', async () => {
  const reports = await withEnvironment(swiftShaderEnvironment() ?? {}, diagnose);
  assert.deepEqual(
    reports.map(({ name }) => name),
    ['onnx', 'tensorflow', 'webgpu', 'ffmpeg'],
  );
  for (const report of reports) assert.deepEqual([report.works, report.missing, report.command], [true, null, null]);
  const manifest = new URL('../../node_modules/onnxruntime-node/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  assert.equal(byName(reports, 'onnx').version, `ONNX Runtime ${version}`);
  assert.equal(byName(reports, 'tensorflow').version, 'TensorFlow 2.21.0');
  assert.match(byName(reports, 'webgpu').device ?? '', /SwiftShader/);
  assert.match(byName(reports, 'ffmpeg').version ?? '', /^ffmpeg \d/);
  assert.deepEqual(JSON.parse(JSON.stringify(reports)), reports);
});

test('what is missing comes with its reason and its mending', async () => {
  const broken = { VK_DRIVER_FILES: '/nonexistent.json', FFMPEG_PATH: '/nonexistent/ffmpeg' };
  const reports = await withEnvironment(broken, diagnose);
  const webgpu = byName(reports, 'webgpu');
  assert.equal(webgpu.works, false);
  assert.equal(webgpu.missing, 'No GPU adapter found.');
  assert.match(webgpu.note ?? '', /SwiftShader computes on the CPU, slowly, with VK_DRIVER_FILES=\//);
  const ffmpeg = byName(reports, 'ffmpeg');
  assert.equal(ffmpeg.missing, 'FFMPEG_PATH is /nonexistent/ffmpeg, which is no program.');
  assert.match(ffmpeg.command ?? '', /install ffmpeg$/);
  assert.equal(byName(reports, 'onnx').works, true);
});

test('an engine whose process crashes is reported, and hurts nobody', async () => {
  const result = await probe('onnx', { NODE_OPTIONS: '--max-old-space-size=1' });
  assert.equal(result.works, false);
  assert.match(result.missing ?? '', /^It crashed when tried \(SIG|code/);
});

test('the report for people is aligned and short', () => {
  const fine = { works: true, missing: null, command: null, device: 'CPU' };
  const text = formatDoctor([
    { ...fine, name: 'onnx', version: 'ONNX Runtime 1.0', note: 'Runs clips; cannot train.' },
    {
      name: 'tensorflow',
      works: false,
      version: null,
      device: null,
      missing: 'Gone.',
      command: 'fetch it',
      note: null,
    },
  ]);
  assert.equal(
    text,
    [
      'onnx        works    ONNX Runtime 1.0 on CPU',
      'tensorflow  missing  Gone.',
      '                     mend it with: fetch it',
    ].join('\n'),
  );
});
