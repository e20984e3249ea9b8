/** What the built editor files register, read by running their scripts as the editor would. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import { ROOT } from './runtime.ts';

export interface Definition {
  readonly html: string;
  readonly folder: string;
  readonly category: string;
  readonly color: string;
  readonly icon?: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly defaults: Readonly<
    Record<string, { readonly value?: unknown; readonly type?: string; validate?(value: unknown): unknown }>
  >;
}

let cache: Map<string, Definition> | undefined;

/** Definitions by type. */
export function definitions(): ReadonlyMap<string, Definition> {
  cache ??= read();
  return cache;
}

function read(): Map<string, Definition> {
  const found = new Map<string, Definition>();
  let current = { html: '', folder: '' };
  const ignore = (): void => {};
  const context = vm.createContext({
    RED: {
      nodes: { registerType: (type: string, definition: Definition) => found.set(type, { ...definition, ...current }) },
      validators: { typedInput: () => () => true },
      utils: { validateTypedProperty: () => true },
      comms: { subscribe: ignore },
      events: { on: ignore },
      hooks: { add: ignore },
    },
    $: () => ({ val: () => undefined, on: ignore }),
  });
  context.window = context;
  // The session's file defines what the others share.
  const files = globSync('dist/nodes/{*,losses/*}/*.html', { cwd: ROOT }).sort(
    (a, b) => Number(b.includes('session')) - Number(a.includes('session')),
  );
  for (const file of files) {
    const html = readFileSync(join(ROOT, file), 'utf8');
    current = { html, folder: join(ROOT, file, '..') };
    for (const [, script] of html.matchAll(/<script type="text\/javascript">([\s\S]*?)<\/script>/g)) {
      vm.runInContext(script!, context);
      // The browser makes window's properties global.
      vm.runInContext('Object.assign(globalThis, window)', context);
    }
  }
  return found;
}
