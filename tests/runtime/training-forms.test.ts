import assert from 'node:assert/strict';
import test from 'node:test';
import type * as z from 'zod';
import { datasetSchema } from '../../lib/data/settings.ts';
import { BLOCKS } from '../../lib/plan/blocks.ts';
import { type ConfigReader, fileReader, type NodeRecord } from '../../lib/plan/config-reader.ts';
import {
  adversarialSchema,
  contentSchema,
  decoderSchema,
  discriminatorSchema,
  styleSchema,
  temporalSchema,
  trainerSchema,
} from '../../lib/plan/settings.ts';
import { stepSettings, trainerSettings } from '../../lib/plan/step-settings.ts';
import type { StepBlock } from '../../lib/plan/types.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { definitions } from './support/definitions.ts';

const reader: ConfigReader = fileReader('/data');

/** A node as it is dragged onto the canvas. */
function fresh(type: string): NodeRecord {
  const { defaults } = definitions().get(type)!;
  const fields = Object.entries(defaults).map(([field, { value }]) => [field, value]);
  return { id: 'node', type, ...Object.fromEntries(fields) };
}

test("every block has a node, and its form's defaults are the schema's", async () => {
  for (const [block, { type, schema }] of Object.entries(BLOCKS) as [StepBlock, (typeof BLOCKS)[StepBlock]][]) {
    const given = await stepSettings(block, fresh(type), reader);
    const none = block === 'dataset' ? { kind: 'photos', photos: given.photos } : {};
    assert.deepEqual(parseSettings(schema, given), parseSettings(schema, none), type);
  }
  const out = '/data/training';
  assert.deepEqual(await trainerSettings(fresh('manga-trainer'), reader), trainerSchema.parse({ out }));
});

const [photosSchema, pagesSchema, manga109Schema, videoSchema] = datasetSchema.options;
const numbers: [string, z.ZodObject, Record<string, string>][] = [
  ['manga-dataset', photosSchema, { side: 'side', frames: 'frames', longSide: 'longSide' }],
  ['manga-dataset', manga109Schema, { validationShare: 'validationShare' }],
  ['manga-dataset', videoSchema, { fps: 'fps' }],
  ['manga-tcn-decoder', decoderSchema, { trainFrames: 'frames', trainSide: 'side' }],
  ['manga-discriminator', discriminatorSchema, { channels: 'channels', depth: 'depth' }],
  ['manga-loss-adversarial', adversarialSchema, { weight: 'weight', realLabel: 'realLabel' }],
  ['manga-loss-content', contentSchema, { weight: 'weight' }],
  ['manga-loss-style', styleSchema, { weight: 'weight' }],
  ['manga-loss-temporal', temporalSchema, { weight: 'weight' }],
  [
    'manga-trainer',
    trainerSchema,
    Object.fromEntries(
      [
        ...['steps', 'seed', 'batch', 'microBatch', 'generatorRate', 'discriminatorRate', 'clipNorm'],
        ...['averageDecay', 'sampleEvery', 'saveMinutes', 'keep'],
      ].map((field) => [field, field]),
    ),
  ],
];

const VALUES = [
  ...[-1, 0, 1e-10, 1e-9, 1e-6, 0.04, 0.05, 0.1, 0.49, 0.5, 0.9, 0.91, 0.99999, 0.999999, 1, 1.5, 2, 3, 4, 12, 31, 32],
  ...[60, 61, 64, 65, 100, 127, 128, 256, 257, 512, 520, 1000, 1001, 1440, 1441, 2048, 2049, 4096, 4097, 1e6, 1e6 + 1],
  ...[1e7, 1e7 + 1, 2 ** 32 - 1, 2 ** 32],
];

test('forms take the numbers that the schemas take', () => {
  for (const [type, schema, fields] of numbers) {
    const { defaults } = definitions().get(type)!;
    for (const [formField, field] of Object.entries(fields)) {
      const { validate } = defaults[formField]!;
      for (const value of VALUES) {
        const inForm = validate!.call(fresh(type), String(value));
        assert.equal(inForm, schema.shape[field]!.safeParse(value).success, `${type}.${formField} = ${value}`);
      }
    }
  }
});

test('forms offer every word that the schemas know', () => {
  const words: [string, string, readonly string[]][] = [
    ['manga-dataset', 'kind', [photosSchema, pagesSchema, manga109Schema, videoSchema].map((s) => s.shape.kind.value)],
    ['manga-dataset', 'split', manga109Schema.shape.split.def.innerType.options],
    ['manga-discriminator', 'pairing', discriminatorSchema.shape.pairing.def.innerType.options],
    ['manga-discriminator', 'logits', discriminatorSchema.shape.logits.def.innerType.options],
    ['manga-loss-adversarial', 'objective', adversarialSchema.shape.objective.def.innerType.options],
    ['manga-loss-content', 'against', contentSchema.shape.against.def.innerType.options],
    ['manga-loss-style', 'transform', styleSchema.shape.transform.def.innerType.options],
    ['manga-trainer', 'schedule', trainerSchema.shape.schedule.def.innerType.options],
  ];
  for (const [type, field, expected] of words) {
    const { html } = definitions().get(type)!;
    const select = new RegExp(`<select id="node-input-${field}">([\\s\\S]*?)</select>`).exec(html)![1]!;
    const offered = [...select.matchAll(/value="([^"]+)"/g)].map(([, value]) => value);
    assert.deepEqual(offered, [...expected], `${type}.${field}`);
  }
});

test("a saved decoder without the training fields is valid and trains with the schema's defaults", async () => {
  const { defaults } = definitions().get('manga-tcn-decoder')!;
  for (const field of ['trainFrames', 'trainSide']) {
    assert.equal(defaults[field]!.validate!.call(fresh('manga-tcn-decoder'), undefined), true);
  }
  const { trainFrames: _frames, trainSide: _side, ...older } = fresh('manga-tcn-decoder');
  const given = await stepSettings('tcn-decoder', older as NodeRecord, reader);
  assert.deepEqual(parseSettings(decoderSchema, given), { frames: 6, side: 128 });
});
