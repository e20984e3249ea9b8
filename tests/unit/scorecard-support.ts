/** How the Node-RED library's tool reads a package: definitions of nodes in the source of their editor file, the tree of dependencies. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

/** What is used of acorn, the parser that Node-RED brings, and of the tree that it gives. */
interface Tree {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}
const require = createRequire(import.meta.url);
const acorn = require('acorn') as { parse(source: string, options: { ecmaVersion: 'latest' }): Tree };
const walk = require('acorn-walk') as {
  simple(tree: Tree, visitors: Readonly<Record<string, (at: Tree) => void>>): void;
};

export interface Definition {
  readonly type: string;
  /** Values that the tool reads, by name: what is inline as its value, anything else as its source. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Names of those that are no literals; for defaults and credentials, no object literals. */
  readonly notInline: readonly string[];
}

const LITERALS = ['category', 'color', 'icon', 'inputs', 'outputs'];
const OBJECTS = ['credentials', 'defaults'];

/**
 * The one exception. Dashboard 2 names its group in the editor's language, and its own widgets ask for it like this; a
 * literal would put ours into a second group wherever that name is translated. The tool complains of all of them alike.
 */
export const WIDGET_CATEGORY = "RED._('@flowfuse/node-red-dashboard/ui-base:ui-base.label.category')";

/**
 * @param html an editor file
 * @throws AssertionError when a type has no literal name, or its definition is not written in the call
 */
export function definitionsOf(html: string): Definition[] {
  const found: Definition[] = [];
  for (const [, source] of html.matchAll(/<script.+?type=['"]text\/javascript['"].*?>([\S\s]*?)<\/script>/gi)) {
    walk.simple(acorn.parse(source!, { ecmaVersion: 'latest' }), {
      CallExpression(call) {
        const callee = call.callee as Tree & { property?: { name?: string } };
        if (callee.property?.name === 'registerType') found.push(definitionOf(call.arguments as Tree[], source!));
      },
    });
  }
  return found;
}

function definitionOf([name, definition]: readonly Tree[], source: string): Definition {
  assert.equal(name?.type, 'Literal', 'the type is a literal');
  assert.equal(definition?.type, 'ObjectExpression', 'the definition stands in the call');
  const values = new Map<string, unknown>();
  const notInline: string[] = [];
  for (const property of definition.properties as (Tree & { key?: { name?: string }; value?: Tree })[]) {
    const { key, value } = property;
    // The tool fails at anything else, for example at "...shared".
    assert.ok(key?.name && value, `${name.value}: ${source.slice(property.start, property.end)}`);
    const wanted = LITERALS.includes(key.name) ? 'Literal' : 'ObjectExpression';
    if (![...LITERALS, ...OBJECTS].includes(key.name)) continue;
    if (value.type !== wanted) notInline.push(key.name);
    values.set(key.name, value.type === 'Literal' ? value.value : source.slice(value.start, value.end));
  }
  return { type: String(name.value), values, notInline };
}

/** @throws AssertionError when the tool would lack a value or could not read it */
export function checkDefinition({ type, values, notInline }: Definition): void {
  const config = values.get('category') === 'config';
  const wanted = config ? ['category', 'defaults'] : [...LITERALS, 'defaults'];
  for (const key of wanted) assert.ok(values.has(key), `${type}: ${key}`);
  const exceptions = values.get('category') === WIDGET_CATEGORY ? ['category'] : [];
  assert.deepEqual(notInline, exceptions, `${type}: not inline`);
}

/** A package of the lock file. */
export interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages that the tool knows to break Node-RED, and the first version that does not. */
const BAD: Readonly<Record<string, number>> = { 'agent-base': 6 };

/**
 * @param packages of a package-lock.json
 * @param dependencies of the package in question
 * @returns the bad ones in its whole tree, with their versions
 */
export function badPackages(
  packages: Readonly<Record<string, LockedPackage>>,
  dependencies: readonly string[],
): string[] {
  const seen = new Set<string>();
  const visit = (name: string, from: string): void => {
    const at = locate(packages, name, from);
    if (at === undefined || seen.has(at)) return;
    seen.add(at);
    const { dependencies: own = {}, optionalDependencies: optional = {} } = packages[at]!;
    for (const next of Object.keys({ ...own, ...optional })) visit(next, at);
  };
  for (const name of dependencies) visit(name, '');
  return [...seen].flatMap((at) => {
    const first = BAD[at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length)];
    const version = packages[at]!.version ?? '';
    return first !== undefined && Number.parseInt(version, 10) < first ? [`${at} ${version}`] : [];
  });
}

/** Where Node finds a package: beside the one that asks, or above it. Optional ones of other systems are nowhere. */
function locate(packages: Readonly<Record<string, LockedPackage>>, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const at = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (at in packages) return at;
    if (folder === '') return undefined;
  }
}
