/** What Node-RED's import menu shows: flows/ in the menu's order. */
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Flows whose file has a name to be typed at a command line, and their place in the menu. Others are named as they stand there. */
const IN_MENU: Readonly<Record<string, string>> = {
  train: '07 Train',
  'finetune-style': '08 Fine-tune a style',
  'train-manga109': '09 Train on Manga109',
  'monitor-core-widgets': '14 Monitor with core widgets',
  'training-monitor': '15 Training monitor',
};

/** @returns the name in the import menu of each file of flows/, in the menu's order */
export function examples(root: string): readonly { readonly file: string; readonly name: string }[] {
  return globSync('*.json', { cwd: join(root, 'flows') })
    .map((file) => ({
      file: join(root, 'flows', file),
      name: IN_MENU[basename(file, '.json')] ?? basename(file, '.json'),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Copies flows/ to examples/, where Node-RED looks for them; those with dashboard widgets of ours to that package, too. */
export function copyExamples(root: string): void {
  const folders = [join(root, 'examples'), join(root, 'dashboard', 'examples')] as const;
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
  }
  const [main, dashboard] = folders;
  for (const { file, name } of examples(root)) {
    copyFileSync(file, join(main, `${name}.json`));
    if (readFileSync(file, 'utf8').includes('"ui-manga-')) copyFileSync(file, join(dashboard, `${name}.json`));
  }
}
