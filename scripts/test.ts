/**
 * `npm test`: prepares the machine, builds, lints, runs the tests. `npm test -- tests/unit/x.test.ts …` runs
 * those only, without linting. The test runner's summary is the last output; the exit code is that of the first step that fails.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { swiftShaderEnvironment } from '../lib/engines/load-tfjs.ts';
import { prepareTests } from './prepare-tests.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Twice the cores of a small machine: browsers and runtimes wait as often as they work. */
const CONCURRENCY = 4;
/** No test may hang the run: milliseconds for one file. */
const TIMEOUT = 300_000;

function step(label: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  console.log(`> ${label}`);
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env });
  if (error) console.error(`${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function bin(name: string): string {
  return join(root, 'node_modules', '.bin', name);
}

const chosen = process.argv.slice(2);

try {
  await prepareTests();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const build = join(root, 'scripts', 'build.ts');
// Only the tests in the real Node-RED need what is built.
const needsBuild = chosen.length === 0 || chosen.some((path) => /runtime|browser|soak/.test(path));
if (existsSync(build) && needsBuild) step('build', process.execPath, [build]);
if (chosen.length === 0) {
  step('biome', bin('biome'), ['check', '--diagnostic-level=warn', '.']);
  step('tsc', bin('tsc'), ['--noEmit']);
}

// Hundreds of processes load the same modules: compiled once, kept in a folder of their own.
const compiled = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node-compile') };
// Chromium's SwiftShader stands in for a GPU, so that the WebGPU engine is tested everywhere, always alike.
const environment = { ...process.env, ...compiled, ...swiftShaderEnvironment() };
const ownTmp = pathToFileURL(join(root, 'tests', 'own-tmp.ts')).href;
const options = [
  '--test',
  `--import=${ownTmp}`,
  `--test-concurrency=${CONCURRENCY}`,
  `--test-timeout=${TIMEOUT}`,
  '--test-reporter=spec',
];
const files = chosen.length > 0 ? chosen : ['tests/**/*.test.ts'];
step('tests', process.execPath, [...options, ...files], environment);
