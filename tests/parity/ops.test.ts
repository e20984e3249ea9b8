import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { title } from './check-engine.ts';
import { opCases } from './op-cases.ts';
import { referenceOps } from './reference-ops.ts';

/** The methods of interface Ops, from its source: at run time an interface leaves no trace. */
const source = await readFile(new URL('../../lib/network/ops.ts', import.meta.url), 'utf8');
const methods = [...source.slice(source.indexOf('export interface Ops')).matchAll(/^ {2}(\w+)\(/gm)].map(
  ([, name]) => name,
);

test('every op of Ops has a row in op-cases.ts and a reference', () => {
  assert.ok(methods.length >= 30, `only ${methods.length} ops found in lib/network/ops.ts`);
  assert.deepEqual([...new Set(opCases.map(({ op }) => op as string))].sort(), methods.toSorted());
  assert.deepEqual(Object.keys(referenceOps).sort(), methods.toSorted());
});

test('every row calls its op last, so that it is its result that is compared', () => {
  for (const row of opCases) {
    const calls: string[] = [];
    const recorder = new Proxy(referenceOps, {
      get: (_, name) => () => {
        calls.push(String(name));
        return {};
      },
    });
    row.build<object>(recorder as never, {}, {});
    assert.equal(calls.at(-1), row.op, title(row));
  }
});
