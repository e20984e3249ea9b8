/** What workers are told of a flow, and flows that they cannot draw. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import type { FlowNodeConfig } from '../../lib/hotfolder/flow-recipe.ts';
import { flowDrawing } from '../../lib/queue/flow-drawing.ts';

const example = JSON.parse(
  readFileSync(new URL('../../flows/05 Hot folder.json', import.meta.url), 'utf8'),
) as FlowNodeConfig[];
const hot = example.find(({ type }) => type === 'manga-hot-folder')!.id;

/** The example with other settings of its nodes, by type. */
const changed = (more: Readonly<Record<string, Record<string, unknown>>>): FlowNodeConfig[] =>
  example.map((node) => ({ ...node, ...more[node.type] }));

test('the settings of encoder, decoder and clip nodes are what workers draw with', () => {
  const { recipe, folder, existing, clipNode } = flowDrawing(
    changed({
      'manga-tcn-decoder': { frames: '6', motion: 'zoom', amount: '0.5', ink: 'sepia' },
      'manga-clip': { format: 'webp', quality: '55' },
      'manga-encoder': { model: 'pencil', modelType: 'choice' },
    }),
    hot,
  );
  const { frames, motion, amount, ink, size, seed } = recipe.clip;
  assert.deepEqual([frames, motion, amount, ink, size, seed], [6, 'zoom', 0.5, 'sepia', '512', 1]);
  assert.equal(recipe.clip.model, 'pencil', 'the encoder says which network draws');
  assert.deepEqual([recipe.output.format, recipe.output.quality, recipe.output.encoder], ['webp', 55, 'auto']);
  assert.deepEqual([folder, existing], ['outbox', 'number']);
  assert.equal(clipNode, example.find(({ type }) => type === 'manga-clip')!.id);
});

test('what workers cannot draw is refused by name', () => {
  const refused = (nodes: FlowNodeConfig[], message: RegExp): void =>
    assert.throws(
      () => flowDrawing(nodes, hot),
      (error: MangaError) => {
        assert.ok(error instanceof MangaError);
        assert.equal(error.code, 'BAD_SETTING');
        assert.match(error.message, message);
        return true;
      },
    );
  refused(changed({ 'manga-tcn-decoder': { style: 'page.jpg', styleType: 'str' } }), /style page/);
  refused(
    changed({ 'manga-tcn-decoder': { frames: 'frames', framesType: 'msg' } }),
    /frames of the node manga-tcn-decoder comes from msg/,
  );
  refused(changed({ 'manga-tcn-decoder': { fps: '99' } }), /fps/);
  refused(
    changed({ 'manga-tcn-decoder': { type: 'function' } }),
    /0 nodes of the type manga-stylize or manga-tcn-decoder/,
  );
  refused(changed({ 'manga-image': { type: 'function' } }), /has a function node/);
  refused(changed({ 'manga-clip': { file: 'my-name', fileType: 'str' } }), /file name is not plain/);
  // A node that is switched off is not there.
  refused(changed({ 'manga-clip': { d: true } }), /0 nodes of the type manga-clip/);
});
