/** Commands in the documents: where they stand, and whether the program that they call has what they give it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { motionManga } from './cli-support.ts';
import { codeBlocks, proseOf, ROOT } from './docs-support.ts';

export interface Command {
  /** 'README.md:42', for messages. */
  readonly where: string;
  readonly words: readonly string[];
}

/** Every program of this project or of npm; a block that calls one is to be marked as sh. */
const OURS = /^(npx |npm |node |motion-manga |sudo )/;

/** Commands of the blocks marked sh, in order. @throws AssertionError at a command in a block without a language */
export function commandsOf(file: string): Command[] {
  const found: Command[] = [];
  for (const { language, line, lines } of codeBlocks(file)) {
    const where = `${file}:${line}`;
    if (language === '') assert.ok(!lines.some((text) => OURS.test(text.trim())), `${where}: mark this block as sh`);
    if (language !== 'sh') continue;
    const script = lines.join('\n').replace(/\\\n\s*/g, ' ');
    for (const text of script.split('\n')) found.push(...split(text, where));
  }
  return found;
}

/** Commands of this project and of npm that a sentence names with options or arguments. */
export function inlineCommands(file: string): Command[] {
  const spans = [...proseOf(file).matchAll(/`([^`]+)`/g)].map(([, text]) => text!.replace(/\s+/g, ' '));
  return spans.filter((text) => OURS.test(text)).flatMap((text) => split(text, file));
}

/** A line of shell to its commands; of the shell's grammar what the documents use: quotes, comments, && and |. */
function split(line: string, where: string): Command[] {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(#.*)|(\S+)/g)].flatMap(([, single, double, comment, word]) =>
    comment === undefined ? [single ?? double ?? word!] : [],
  );
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word === '&&' || word === '|') commands.push([]);
    else commands.at(-1)!.push(word);
  }
  return commands.filter((command) => command.length > 0).map((command) => ({ where, words: command }));
}

/** The arguments that `motion-manga` gets, or undefined if another program is called. */
export function mangaArguments({ words }: Command): readonly string[] | undefined {
  const text = words.join(' ');
  for (const call of ['npx motion-manga', 'npm run motion-manga --', 'motion-manga']) {
    if (text === call || text.startsWith(`${call} `)) return words.slice(call.split(' ').length);
  }
  return undefined;
}

const helps = new Map<string, Promise<string>>();

/** What `motion-manga … --help` says of a command. */
function helpOf(args: readonly string[]): Promise<string> {
  const [name, ...rest] = args;
  // With a flow file the command has other options.
  const flow = name === 'train' && rest[0]?.endsWith('.json') ? [rest[0]] : [];
  const asked = name && !name.startsWith('-') ? [name, ...flow, '--help'] : ['--help'];
  const key = asked.join(' ');
  const known =
    helps.get(key) ??
    motionManga(asked).ended.then(({ code, stdout, stderr }) => {
      assert.equal(code, 0, `motion-manga ${key}: ${stderr}`);
      return stdout;
    });
  helps.set(key, known);
  return known;
}

const optionsIn = (words: readonly string[]): string[] =>
  words.filter((word) => /^--?[a-z]/i.test(word)).map((word) => word.split('=')[0]!);

/** @throws AssertionError when motion-manga has no such command or option */
export async function checkManga(args: readonly string[], where: string): Promise<void> {
  const help = await helpOf(args);
  const options = new Set(help.match(/--[a-z-]+/g));
  for (const option of optionsIn(args)) {
    assert.ok(options.has(option) || option === '--help', `${where}: motion-manga ${args[0]} has no ${option}`);
  }
}

/** Begins like the reason of what another test runs: no gap. */
export const RUN = 'run by tests/unit/docs-commands-run.test.ts';
/** Tools whose commands that test runs. */
const RUN_SCRIPTS = ['bench/report.ts', 'scripts/motion-sheet.ts', 'scripts/video-warp.ts'];

/** Other programs: the options that the documents may use, and why no test runs them. */
const SYSTEM: Readonly<Record<string, readonly [options: readonly string[], why: string]>> = {
  adduser: [['--system', '--group', '--home'], 'changes the machine'],
  apt: [[], 'changes the machine'],
  cd: [[], 'nothing to see'],
  chmod: [[], RUN],
  curl: [[], 'run by tests/runtime/docs-curl.test.ts'],
  find: [['-name', '-mtime', '-delete'], RUN],
  journalctl: [['-u', '-f'], 'needs systemd'],
  mkdir: [['-p'], RUN],
  'node-red': [[], 'starts a server'],
  rsync: [['-a', '--exclude'], RUN],
  systemctl: [['enable', '--now'], 'needs systemd'],
  usermod: [['-a', '-G'], 'changes the machine'],
};

interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifest = (folder: string): Manifest => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));

/** @returns why no test runs this command of another program @throws AssertionError when it cannot be right */
export function checkOther({ words, where }: Command): string {
  const [program, ...args] = words[0] === 'sudo' ? words.slice(words[1] === '-u' ? 3 : 1) : words;
  if (program === 'npm') return checkNpm(args, where);
  if (program === 'node' && args[0] !== '--version') return checkScript(args, where);
  const [options, why] = SYSTEM[program!] ?? [['--version'], 'says the version of Node'];
  assert.ok(
    program === 'node' || program! in SYSTEM,
    `${where}: ${program} is not a program that the documents may call`,
  );
  for (const option of optionsIn(args)) assert.ok(options.includes(option), `${where}: ${program} ${option}`);
  return why;
}

function checkNpm([verb, ...args]: readonly string[], where: string): string {
  const root = manifest('.');
  if (verb === 'install') {
    const known: Record<string, string> = { ...root.peerDependencies, ...root.devDependencies };
    for (const name of [root.name, manifest('dashboard').name]) known[name] = '';
    known['@flowfuse/node-red-dashboard'] = '';
    for (const word of args.filter((arg) => !arg.startsWith('-'))) {
      const [, name, version] = /^(@?[^@]+)(?:@(.+))?$/.exec(word)!;
      assert.ok(name! in known, `${where}: npm install ${word}`);
      if (version) assert.ok(known[name!]!.startsWith(version), `${where}: ${word}, but tested with ${known[name!]}`);
    }
    for (const option of optionsIn(args)) assert.ok(['-g', '--ignore-scripts'].includes(option), `${where}: ${option}`);
    return 'fetches packages';
  }
  if (verb === 'ci') return 'fetches packages';
  const script = verb === 'run' ? args[0]! : verb!;
  assert.ok(script in root.scripts, `${where}: npm has no script ${script}`);
  const given = args.slice(args.indexOf('--') + 1);
  if (verb === 'run' && args.includes('--')) checkScript([root.scripts[script]!.split(' ')[1]!, ...given], where);
  return 'builds, measures or tests everything';
}

function checkScript([file, ...args]: readonly string[], where: string): string {
  assert.ok(existsSync(join(ROOT, file!)), `${where}: there is no ${file}`);
  const source = readFileSync(join(ROOT, file!), 'utf8');
  for (const option of optionsIn(args)) {
    const name = option.replace(/^-+/, '');
    assert.match(source, new RegExp(`--${name}\\b|\\b${name}'?:`), `${where}: ${file} has no ${option}`);
  }
  return RUN_SCRIPTS.includes(file!) ? RUN : 'a developer’s tool that takes long or needs data';
}
