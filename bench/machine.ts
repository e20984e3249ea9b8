import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { findFfmpeg } from '../lib/media/ffmpeg.ts';

export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly platform: string;
  /** Mean number of running processes over the last minute, before the benches: well under 1 on a quiet machine. */
  readonly load: number;
  readonly node: string;
  readonly onnxruntime: string;
  readonly sharp: string;
  readonly ffmpeg: string;
}

function versionOf(name: string): string {
  // Not every package lets its package.json be required.
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const folder of folders) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version;
    } catch {}
  }
  return 'not installed';
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

export async function describeMachine(): Promise<Machine> {
  const ffmpeg = await findFfmpeg();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cores: os.availableParallelism(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 1e9),
    platform: `${os.platform()} ${os.arch()}`,
    load: Math.round(os.loadavg()[0]! * 100) / 100,
    node: process.versions.node,
    onnxruntime: versionOf('onnxruntime-node'),
    sharp: versionOf('sharp'),
    ffmpeg: ffmpeg.path === undefined ? 'not installed' : ffmpeg.version,
  };
}
