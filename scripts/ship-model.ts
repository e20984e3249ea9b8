/**
 * Makes a shipped checkpoint of a trained one: weights as 16-bit floats, the blocks as ONNX beside them.
 * Usage: node scripts/ship-model.ts RUN_FOLDER NAME
 * The model card, models/NAME/README.md, is written by hand: what was seen matters more than what was set.
 */
import { join } from 'node:path';
import { exportOnnx, loadCheckpoint, saveCheckpoint } from '../lib/checkpoint/checkpoint.ts';
import { packageRoot } from '../lib/checkpoint/shipped.ts';
import { networkConfigSchema } from '../lib/network/config.ts';
import { generatorPrograms } from '../lib/network/generator.ts';

const [run, name] = process.argv.slice(2);
if (!run || !name) {
  console.error('Usage: node scripts/ship-model.ts RUN_FOLDER NAME');
  process.exit(2);
}
const folder = join(packageRoot(), 'models', name);
const { weights, metadata } = await loadCheckpoint(run);
const dataLicence = metadata.dataLicence === 'not stated' ? 'see the model card' : metadata.dataLicence;
await saveCheckpoint(folder, weights.tensors, { ...metadata, name, dataLicence }, { half: true });
// Of the rounded weights, so that both files draw alike.
const rounded = await loadCheckpoint(folder);
const programs = generatorPrograms(networkConfigSchema.parse(metadata.config));
for (const path of await exportOnnx(folder, Object.values(programs), rounded.weights)) console.log(path);
