/**
 * Builds the dashboard package: lib and nodes to dashboard/dist, editor files and help beside them, and each widget as one UMD
 * bundle in dashboard/resources, which Node-RED serves. Vue comes from Dashboard; uPlot is part of the monitor's bundle.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { build } from 'vite';
import { writeHelp } from './build-help.ts';

interface Manifest {
  readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
  readonly 'node-red-dashboard-2': { readonly widgets: Readonly<Record<string, { readonly output: string }>> };
}

/** @returns whether the types are right and the help is there; the files are written in any case */
export async function buildDashboard(root: string): Promise<boolean> {
  const home = join(root, 'dashboard');
  for (const folder of ['dist', 'resources']) rmSync(join(home, folder), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(home, 'tsconfig.build.json')], { stdio: 'inherit' });
  copyEditorFiles(home);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest;
  const wrong = writeHelp(root, home, manifest['node-red'].nodes);
  if (wrong.length > 0) console.error(wrong.join('\n'));
  for (const [name, { output }] of Object.entries(manifest['node-red-dashboard-2'].widgets)) {
    await bundle(home, name, output);
  }
  keepLicence(root, join(home, 'resources', 'ui-manga-monitor.umd.js'));
  return status === 0 && wrong.length === 0;
}

function copyEditorFiles(home: string): void {
  for (const html of globSync('nodes/*/*.html', { cwd: home })) {
    const folder = dirname(html);
    mkdirSync(join(home, 'dist', folder), { recursive: true });
    cpSync(join(home, html), join(home, 'dist', html));
    for (const part of ['locales', 'icons']) {
      cpSync(join(home, folder, part), join(home, 'dist', folder, part), { recursive: true });
    }
  }
}

/** @param name of the widget, and of the global that Dashboard looks for @param output 'ui-manga-x.umd.js' */
async function bundle(home: string, name: string, output: string): Promise<void> {
  await build({
    root: home,
    configFile: false,
    logLevel: 'warn',
    plugins: [vue()],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: 'resources',
      emptyOutDir: false,
      lib: {
        entry: join(home, 'ui', name.replace('ui-manga-', ''), 'index.ts'),
        name,
        formats: ['umd'],
        fileName: () => output,
      },
      rolldownOptions: {
        external: ['vue'],
        output: { globals: { vue: 'Vue' } },
        // Slow machines are not worth a warning.
        checks: { pluginTimings: false },
      },
    },
  });
}

/** What is bundled keeps its licence; the minifier drops comments. */
function keepLicence(root: string, bundled: string): void {
  const licence = readFileSync(join(root, 'node_modules', 'uplot', 'LICENSE'), 'utf8').trim();
  writeFileSync(bundled, `/*! Contains uPlot.\n${licence} */\n${readFileSync(bundled, 'utf8')}`);
}
