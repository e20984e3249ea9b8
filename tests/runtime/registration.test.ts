import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test, { after, before } from 'node:test';
import type * as z from 'zod';
import { hotFolderSchema } from '../../lib/hotfolder/options.ts';
import { LAYOUTS, READING_DIRECTIONS, sceneSchema, TRANSITIONS } from '../../lib/scenes/settings.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { clipSchema, DIRECTIONS, drawSchema, outputSchema } from '../../lib/settings/settings.ts';
import { videoSchema } from '../../lib/video/settings.ts';
import { helpPage, helpScript, LANGUAGES } from '../../scripts/build-help.ts';
import { examples } from '../../scripts/examples.ts';
import { definitions } from './support/definitions.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

const entries = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))['node-red'].nodes as Record<
  string,
  string
>;
const types = Object.keys(entries);

test('every node type of package.json is registered without an error', async () => {
  const sets = await runtime.json<{ module: string; types: string[]; enabled: boolean; err?: string }[]>('/nodes');
  const ours = sets.filter((set) => set.module === '@motion-manga/node-red');
  assert.deepEqual(ours.flatMap((set) => set.types).sort(), [...types].sort());
  for (const set of ours) assert.equal(set.err, undefined);
  assert.deepEqual(runtime.complaints, []);
});

test("every node's form and help reach the editor", async () => {
  const html = await (await fetch(`${runtime.url}/nodes`, { headers: { accept: 'text/html' } })).text();
  for (const type of types) {
    assert.ok(html.includes(`data-template-name="${type}"`), `${type}: form`);
    assert.ok(html.includes(`registerType('${type}'`), `${type}: registerType`);
    assert.ok(html.includes(`data-help-name="${type}"`), `${type}: help`);
  }
});

test('help has one source, docs/nodes; what is not translated comes in English', async () => {
  assert.deepEqual(globSync('nodes/**/locales/**/*.html', { cwd: ROOT }), []);
  for (const language of LANGUAGES) {
    const headers = { accept: 'text/html', 'accept-language': language };
    const html = await (await fetch(`${runtime.url}/nodes`, { headers })).text();
    for (const type of types) {
      const page = [helpPage(type, language), helpPage(type, 'en-US')].find((path) => existsSync(join(ROOT, path)))!;
      assert.ok(html.includes(helpScript(type, readFileSync(join(ROOT, page), 'utf8')).trim()), `${type}: ${language}`);
    }
  }
});

test('every text that a form or a node names is in its catalog', () => {
  for (const [type, { html, folder }] of definitions()) {
    const catalogOf = (at: string): unknown =>
      JSON.parse(readFileSync(join(at, 'locales', 'en-US', `${basename(at)}.json`), 'utf8'));
    const own = basename(folder);
    const code = readFileSync(join(folder, `${own}.js`), 'utf8');
    const keys = [
      ...[...html.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key!),
      ...[...html.matchAll(/_\('([\w.-]+)'/g)].map(([, key]) => key!),
      ...[...code.matchAll(/'((?:status|warning)\.[\w-]+)'/g)].map(([, key]) => key!),
    ];
    assert.ok(keys.length > 0, type);
    for (const key of keys) {
      if (key.startsWith('node-red:')) continue;
      const shared = /^@motion-manga\/node-red\/(manga-[\w-]+):(.*)$/.exec(key);
      const path = (shared ? shared[2]! : key).split('.');
      const text = path.reduce<unknown>(
        (at, part) => (at as Record<string, unknown>)?.[part],
        catalogOf(shared ? definitions().get(shared[1]!)!.folder : folder),
      );
      assert.equal(typeof text, 'string', `${type}: ${key}`);
    }
  }
});

test('each node has an icon, a category and an example flow', () => {
  const used = new Set(
    globSync('examples/*.json', { cwd: ROOT }).flatMap((file) =>
      (JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as FlowNode[]).map((node) => node.type),
    ),
  );
  for (const [type, { category, icon, folder }] of definitions()) {
    assert.ok(used.has(type), `${type}: example`);
    if (category === 'config') continue;
    assert.equal(category, 'manga');
    assert.ok(existsSync(join(folder, 'icons', icon!)), `${type}: ${icon}`);
  }
});

test('the import menu lists the example flows', async () => {
  const listed = await runtime.json<{ fn?: string }[]>('/library/examples/flows/@motion-manga/node-red');
  const names = listed.map((entry) => entry.fn);
  assert.deepEqual(
    names,
    examples(ROOT).map(({ name }) => name),
  );
});

/** Defaults and ranges of a form against the schema that the runtime checks with. */
function agrees(
  type: string,
  schema: z.ZodObject,
  fields: Record<string, string>,
  scale: Record<string, number> = {},
): void {
  const { defaults } = definitions().get(type)!;
  const schemaDefaults = schema.partial().parse({ inbox: 'x', path: 'x' }) as Record<string, unknown>;
  for (const [formField, field] of Object.entries(fields)) {
    const form = defaults[formField]!;
    const factor = scale[formField] ?? 1;
    const inner = schema.shape[field] as z.ZodType;
    const expected = (schemaDefaults[field] ?? inner.safeParse(undefined).data) as
      | string
      | number
      | boolean
      | undefined;
    const given = typeof expected === 'number' ? Number(form.value) * factor : form.value;
    assert.equal(given, expected ?? '', `${type}.${formField}: default`);
    if (typeof expected !== 'number' && typeof expected !== 'undefined') continue;
    for (const value of [
      -91,
      -90,
      -1,
      0,
      0.01,
      0.02,
      0.3,
      0.5,
      1,
      2,
      2.5,
      60,
      61,
      64,
      65,
      100,
      101,
      600,
      601,
      1000,
      1001,
      4096,
      4097,
      86400,
      86401,
      1e6,
      1e6 + 1,
      2 ** 32 - 1,
      2 ** 32,
    ]) {
      const inForm = form.validate!.call(
        Object.fromEntries(Object.entries(defaults).map(([key, { value: v }]) => [key, v])),
        String(value),
      );
      const inSchema = inner.safeParse(value * factor).success;
      assert.equal(inForm, inSchema, `${type}.${formField} = ${value}`);
    }
  }
}

test('forms have the defaults and ranges of the schemas', () => {
  const same = (...fields: string[]) => Object.fromEntries(fields.map((field) => [field, field]));
  const clip = same(
    'frames',
    'fps',
    'size',
    'canvas',
    'motion',
    'direction',
    'amount',
    'easing',
    'focal',
    'focusLines',
    'speedLines',
    'impact',
    'hold',
    'seed',
    'loop',
    'ink',
    'screenPeriod',
    'screenAngle',
    'lineWeight',
  );
  agrees('manga-tcn-decoder', clipSchema, clip);
  agrees('manga-stylize', clipSchema, { ...clip, ...same('detail') });
  agrees('manga-encoder', drawSchema, same('size', 'canvas', 'detail'));
  agrees('manga-video', videoSchema, same('size', 'fps', 'steady', 'ink'));
  agrees(
    'manga-scene',
    sceneSchema,
    same('layout', 'transition', 'transitionSeconds', 'direction', 'border', 'stagger', 'size'),
  );
  agrees('manga-clip', outputSchema, same('format', 'encoder', 'quality'));
  agrees('manga-session', sessionSchema, same('engine', 'model', 'memoryMb', 'idleSeconds'));
  agrees(
    'manga-hot-folder',
    hotFolderSchema,
    same('maxInFlight', 'doneAction', 'usePolling', 'recursive', 'repeat', 'order', 'markers'),
  );
  agrees('manga-hot-folder', hotFolderSchema, { settle: 'settleMs' }, { settle: 1000 });
});

test('forms offer every word that the schemas know', () => {
  const words: [string, string, readonly string[]][] = [
    ['manga-tcn-decoder', 'loop', clipSchema.shape.loop.def.innerType.options],
    ['manga-tcn-decoder', 'easing', clipSchema.shape.easing.def.innerType.options],
    ['manga-scene', 'layout', LAYOUTS],
    ['manga-scene', 'transition', TRANSITIONS],
    ['manga-scene', 'direction', READING_DIRECTIONS],
    ['manga-video', 'format', outputSchema.shape.format.def.innerType.options],
    ['manga-clip', 'format', outputSchema.shape.format.def.innerType.options],
    ['manga-clip', 'encoder', outputSchema.shape.encoder.def.innerType.options],
    ['manga-hot-folder', 'doneAction', hotFolderSchema.shape.doneAction.def.innerType.options],
    ['manga-hot-folder', 'usePolling', hotFolderSchema.shape.usePolling.def.innerType.options],
    ['manga-hot-folder', 'repeat', hotFolderSchema.shape.repeat.def.innerType.options],
    ['manga-hot-folder', 'order', hotFolderSchema.shape.order.def.innerType.options],
  ];
  for (const [type, field, expected] of words) {
    const { html } = definitions().get(type)!;
    const select = new RegExp(`<select id="node-input-${field}">([\\s\\S]*?)</select>`).exec(html)![1]!;
    assert.deepEqual(
      [...select.matchAll(/value="([^"]+)"/g)].map(([, value]) => value),
      [...expected],
      `${type}.${field}`,
    );
  }
  const { defaults } = definitions().get('manga-tcn-decoder')!;
  for (const field of ['motion', 'ink'] as const) {
    for (const word of clipSchema.shape[field].def.innerType.options) {
      assert.equal(defaults[field]!.validate!.call({ [`${field}Type`]: 'choice' }, word), true, word);
    }
    assert.equal(defaults[field]!.validate!.call({ [`${field}Type`]: 'choice' }, 'none such'), false);
  }
  const valid = (field: 'direction' | 'focal', type: string, value: string) =>
    defaults[field]!.validate!.call({ [`${field}Type`]: type }, value) === true;
  for (const word of [...DIRECTIONS, 'forth', 'out of']) {
    const known = clipSchema.shape.direction.safeParse(word).success;
    assert.equal(valid('direction', 'choice', word), known, word);
  }
  for (const angle of ['-45', '22.5', '360', 'x']) {
    assert.equal(valid('direction', 'num', angle), clipSchema.shape.direction.safeParse(angle).success, angle);
  }
  for (const point of ['auto', '0.5,.4', '1, 0', '0.5', '2,0', 'face']) {
    assert.equal(valid('focal', 'str', point), clipSchema.shape.focal.safeParse(point).success, point);
  }
});
