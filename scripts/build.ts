/**
 * Compiles lib, nodes and cli to dist/, puts each node's editor files beside its .js, its help from docs/nodes/ too, copies
 * flows/ to examples/, and checks that every node that package.json names can be loaded by Node-RED.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDashboard } from './build-dashboard.ts';
import { writeHelp } from './build-help.ts';
import { copyExamples } from './examples.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { nodes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))['node-red'] as {
  nodes: Record<string, string>;
};

/** `<!-- include ../common/x.html -->` on a line of its own. */
const INCLUDE = /^[ \t]*<!-- include (\S+) -->[ \t]*\n/gm;

/** Node-RED reads the HTML beside a node's .js and nothing else, so shared parts are put into it here. */
function editorHtml(file: string): string {
  return readFileSync(file, 'utf8').replace(INCLUDE, (_line, path: string) =>
    readFileSync(resolve(dirname(file), path), 'utf8'),
  );
}

/** @returns whether the types are right; the files are written in any case */
function compile(): boolean {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  return status === 0;
}

function copyEditorFiles(): void {
  for (const html of globSync('nodes/{*,losses/*}/*.html', { cwd: root })) {
    const source = dirname(html);
    if (source === join('nodes', 'common')) continue;
    const target = join(root, 'dist', source);
    mkdirSync(target, { recursive: true });
    writeFileSync(join(root, 'dist', html), editorHtml(join(root, html)));
    for (const folder of ['locales', 'icons']) {
      if (!existsSync(join(root, source, folder))) continue;
      cpSync(join(root, source, folder), join(target, folder), { recursive: true });
    }
  }
}

/** @returns what is wrong with the built nodes */
function problems(): string[] {
  const wrong: string[] = [];
  for (const [type, js] of Object.entries(nodes)) {
    for (const file of [js, js.replace(/\.js$/, '.html')]) {
      try {
        const text = readFileSync(join(root, file), 'utf8');
        if (!text.includes(`registerType('${type}'`)) wrong.push(`${file} has no registerType('${type}', …)`);
        if (/<!-- include /.test(text)) wrong.push(`${file} has an include that was not resolved`);
      } catch {
        wrong.push(`${file} is missing`);
      }
    }
  }
  const named = new Set(Object.values(nodes).map((js) => join(root, js)));
  for (const html of globSync('dist/nodes/{*,losses/*}/*.html', { cwd: root })) {
    const js = join(root, html.replace(/\.html$/, '.js'));
    if (!named.has(js)) wrong.push(`${relative(root, js)} is not in package.json's node-red.nodes`);
  }
  return wrong;
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
const typesAreRight = compile();
copyEditorFiles();
copyExamples(root);
const wrong = [...writeHelp(root, root, nodes), ...problems()];
if (!(await buildDashboard(root))) process.exitCode = 1;
if (wrong.length > 0) console.error(wrong.join('\n'));
if (wrong.length > 0 || !typesAreRight) process.exitCode = 1;
