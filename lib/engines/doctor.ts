import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findFfmpeg } from '../media/ffmpeg.ts';
import type { EngineName } from './engine.ts';
import { swiftShaderEnvironment } from './load-tfjs.ts';
import { command, type Fault } from './mending.ts';
import { type ProbeResult, probe } from './probe.ts';
import { findTfjsNode } from './setup/installed-package.ts';

/** What was found out about one engine, or about ffmpeg. Plain JSON. */
export interface EngineReport {
  readonly name: EngineName | 'ffmpeg';
  /** It was tried, and gave the right result. */
  readonly works: boolean;
  /** Library and version; null when it does not work. */
  readonly version: string | null;
  /** What computes; null when it does not work. */
  readonly device: string | null;
  /** Why it does not work; null when it works. */
  readonly missing: string | null;
  /** The shell command that mends it; null when it works, or when no command can. */
  readonly command: string | null;
  /** What else is good to know. */
  readonly note: string | null;
}

/** Tries every engine in a child process of its own, all at once (about 2 s). Never rejects, changes nothing. */
export function diagnose(): Promise<EngineReport[]> {
  return Promise.all([diagnoseOnnx(), diagnoseTensorflow(), diagnoseWebgpu(), diagnoseFfmpeg()]);
}

async function diagnoseOnnx(): Promise<EngineReport> {
  return report('onnx', await probe('onnx'), 'onnx', 'Runs clips; cannot train.');
}

async function diagnoseTensorflow(): Promise<EngineReport> {
  const found = findTfjsNode();
  const fault = !found ? 'tensorflow-package' : found.binding ? 'tensorflow-again' : 'tensorflow';
  return report('tensorflow', await probe('tensorflow'), fault, 'Trains and runs.');
}

async function diagnoseWebgpu(): Promise<EngineReport> {
  const result = await probe('webgpu');
  const fault = /packages do not load/.test(result.missing ?? '') ? 'webgpu-package' : 'webgpu-driver';
  const swiftShader = result.works || fault === 'webgpu-package' ? null : swiftShaderEnvironment();
  if (!swiftShader) return report('webgpu', result, fault, 'Trains and runs on any GPU.');
  const variables = Object.entries(swiftShader).map(([name, value]) => `${name}=${value}`);
  const note = `Without a GPU, for trials only: Chromium's SwiftShader computes on the CPU, slowly, with ${variables.join(' ')}`;
  return report('webgpu', result, fault, note);
}

function report(name: EngineName, result: ProbeResult, fault: Fault, note: string): EngineReport {
  return { name, ...result, command: result.works ? null : command(fault), note };
}

/** Encodes one black picture as H.264, with the ffmpeg that clips use. */
async function diagnoseFfmpeg(): Promise<EngineReport> {
  const broken = (missing: string): EngineReport => {
    const note = 'Optional: without it mp4, gif, webp and png are written by built-in encoders, but no webm.';
    return { name: 'ffmpeg', works: false, version: null, device: null, missing, command: command('ffmpeg'), note };
  };
  const found = await findFfmpeg();
  if (found.path === undefined) return broken(found.missing);
  const input = ['-f', 'lavfi', '-i', 'color=black:size=64x64:rate=1:duration=1'];
  try {
    const encoding = ['-v', 'error', ...input, '-c:v', 'libx264', '-f', 'null', '-'];
    await promisify(execFile)(found.path, encoding, { timeout: 30_000 });
  } catch (error) {
    return broken(`${found.path} cannot encode H.264: ${lastLine((error as { stderr?: string }).stderr)}`);
  }
  const version = `ffmpeg ${found.version}`;
  return { name: 'ffmpeg', works: true, version, device: 'CPU', missing: null, command: null, note: null };
}

function lastLine(text = ''): string {
  return text.trim().split('\n').at(-1) || 'it failed without saying why.';
}

/**
 * For people: a line an engine, and under those that do not work the reason and the command.
 * @example
 * onnx        works    ONNX Runtime 1.30.0 on CPU
 * tensorflow  missing  @tensorflow/tfjs-node-gpu has no TensorFlow library yet.
 *                      mend it with: npm run setup:tensorflow
 */
export function formatDoctor(reports: readonly EngineReport[]): string {
  const width = Math.max(...reports.map(({ name }) => name.length)) + 2;
  const indent = ' '.repeat(width + 'missing'.length + 2);
  const lines = reports.flatMap(({ name, works, version, device, missing, command: mending, note }) => {
    const state = (works ? 'works' : 'missing').padEnd('missing'.length + 2);
    const first = `${name.padEnd(width)}${state}${works ? `${version} on ${device}` : missing}`;
    const details = works ? [] : [mending && `mend it with: ${mending}`, note].filter((line) => line);
    return [first, ...details.map((line) => `${indent}${line}`)];
  });
  return lines.join('\n');
}
