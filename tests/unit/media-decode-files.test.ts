import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { decodePicture } from '../../lib/media/decode.ts';
import { colourPicture, refusal, temporaryFolder } from './media-support.ts';

test('paths that give no picture', async (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string): string => path.join(folder, name);
  const missing = await refusal(decodePicture({ path: at('gone.jpg') }));
  assert.equal(missing.code, 'IO');
  assert.match(missing.message, /"gone.jpg": the file or its folder does not exist/);
  mkdirSync(at('album.jpg'));
  assert.match((await refusal(decodePicture({ path: at('album.jpg') }))).message, /"album.jpg" is a folder/);
  symlinkSync(at('loop.jpg'), at('loop.jpg'));
  assert.match((await refusal(decodePicture({ path: at('loop.jpg') }))).message, /round in a circle/);
  writeFileSync(at('big.jpg'), Buffer.alloc(2000));
  const big = await refusal(decodePicture({ path: at('big.jpg') }, { maxBytes: 1000 }));
  assert.match(big.message, /"big.jpg" is too large: .* MB, the limit is/);
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [at('pipe.jpg')]);
    assert.match((await refusal(decodePicture({ path: at('pipe.jpg') }))).message, /"pipe.jpg" is not a file/);
  }
});

test('names of any kind are read, and printed on one line', async (t) => {
  const name = 'my "best" photo 🎉\n\u001b[31mred\u202egpj.jpg';
  const file = path.join(temporaryFolder(t), name);
  writeFileSync(file, await colourPicture().jpeg().toBuffer());
  assert.equal((await decodePicture({ path: file })).width, 60);
  writeFileSync(file, 'no picture');
  const { message } = await refusal(decodePicture({ path: file }));
  assert(message.startsWith('"my \\"best\\" photo 🎉\\n\\u001b[31mred\\u202egpj.jpg" is not a picture.'), message);
});

test('a file without permission to read', { skip: process.platform === 'win32' && 'Unix permissions' }, async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'secret.jpg');
  writeFileSync(file, await colourPicture().jpeg().toBuffer());
  chmodSync(file, 0o000);
  if (process.getuid?.() !== 0) {
    const error = await refusal(decodePicture({ path: file }));
    assert.equal(error.code, 'IO');
    assert.match(error.message, /"secret.jpg": permission is denied/);
    return;
  }
  // Nothing is forbidden to root: a child gives its rights up once it has loaded what it needs.
  chmodSync(folder, 0o755);
  const source = new URL('../../lib/media/read-source.ts', import.meta.url);
  const script = `const { readPictureFile } = await import(${JSON.stringify(source)});
    process.setgid(65534);
    process.setuid(65534);
    await readPictureFile(${JSON.stringify(file)}, 1e6).catch((error) => console.log(error.code, error.message));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.match(stdout, /^IO Cannot read "secret.jpg": permission is denied/, stderr);
});
