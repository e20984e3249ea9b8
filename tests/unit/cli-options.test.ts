import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { parseStylizeArgs } from '../../cli/stylize-options.ts';
import { clipSchema } from '../../lib/settings/settings.ts';
import { temporaryFolder } from './media-support.ts';

const parse = (...args: string[]) => parseStylizeArgs(args);

test('defaults are those of the settings', async () => {
  const options = await parse('a.jpg', 'b.jpg', '--out', 'clips');
  assert.deepEqual(options, {
    inputs: ['a.jpg', 'b.jpg'],
    out: 'clips',
    format: undefined,
    clip: clipSchema.parse({}),
    encoder: 'auto',
    quality: 80,
    engine: 'auto',
    model: '',
    style: [],
    camera: undefined,
    json: false,
  });
});

test('every option arrives', async () => {
  const options = await parse(
    ...['--out', 'o', '--frames', '7', '--fps', '12.5', '--size', '640x480', '--format', 'webm'],
    ...['--canvas', '900', '--detail', '1.25'],
    ...['--motion', 'sway', '--amount', '.5', '--seed', '9', '--loop', 'seamless', '--ink', 'sepia', '--json'],
    ...['--screen-period', '6', '--screen-angle', '-30', '--line-weight', '1.5', '--engine', 'onnx'],
    ...['--direction', '-45', '--easing', 'overshoot', '--focal', '.5, 0.25', '--hold', '2'],
    ...['--focus-lines', '.3', '--speed-lines', '1', '--impact', '0.7'],
    ...[
      '--encoder',
      'ffmpeg',
      '--quality',
      '50',
      '--model',
      'm',
      '--style',
      's.png',
      '--style',
      't.png',
      '--style-strength',
      '.6',
      '--style-blend',
      '0',
      '--',
      '-odd name.jpg',
    ],
  );
  assert.deepEqual(options, {
    inputs: ['-odd name.jpg'],
    out: 'o',
    format: 'webm',
    clip: {
      ...{ frames: 7, fps: 12.5, size: '640x480', canvas: 900, detail: 1.25, motion: 'sway', amount: 0.5, seed: 9 },
      ...{ loop: 'seamless', ink: 'sepia', screenPeriod: 6, screenAngle: -30, lineWeight: 1.5 },
      ...{
        direction: '-45',
        easing: 'overshoot',
        focal: '.5, 0.25',
        hold: 2,
        focusLines: 0.3,
        speedLines: 1,
        impact: 0.7,
      },
      ...{ model: 'session', styleStrength: 0.6, styleBlend: 0 },
    },
    encoder: 'ffmpeg',
    quality: 50,
    engine: 'onnx',
    model: path.resolve('m'),
    style: [path.resolve('s.png'), path.resolve('t.png')],
    camera: undefined,
    json: true,
  });
});

test('a wrong value names the option and what is allowed', async () => {
  const cases: readonly (readonly [args: string[], says: RegExp])[] = [
    [['--motion', 'fly'], /^--motion fly: .*"auto"\|"pan"\|"zoom"/],
    [['--frames', '0'], /^--frames 0: must be a whole number, 1 to 600/],
    [['--frames', '2.5'], /^--frames 2.5: must be a whole number/],
    [['--fps', 'fast'], /^--fps fast: must be 1 to 60/],
    [['--screen-angle', '-91'], /^--screen-angle -91: must be -90 to 90/],
    [['--line-weight', '9'], /^--line-weight 9: must be 0.3 to 2/],
    [['--size', '512x'], /^--size 512x: must be a number \(long side\) or WIDTHxHEIGHT/],
    [
      ['--direction', 'sideways'],
      /^--direction sideways: must be one of auto, left, right, up, down, in, out, or an angle/,
    ],
    [
      ['--motion', 'zoom', '--direction', 'left'],
      /^The motion 'zoom' cannot take the direction 'left'\. It takes in, out/,
    ],
    [['--easing', 'bounce'], /^--easing bounce: .*"linear"\|"ease-in"/],
    [['--focal', '0.5'], /^--focal 0\.5: must be 'auto', or two fractions of the picture/],
    [['--hold', '4', '--impact', '2'], /^--impact 2: must be 0 to 1\n--hold 4: must be a whole number, 1 to 3/],
    [
      ['--focus-lines', '-1', '--speed-lines', 'x'],
      /^--speed-lines x: must be 0 to 1\n--focus-lines -1: must be 0 to 1/,
    ],
    [['--format', 'avi'], /^--format avi: .*"mp4"\|"webm"/],
    [['--engine', 'torch'], /^--engine torch: .*"onnx"/],
    [['--amount', '3', '--seed', '-1'], /^--amount 3: must be 0 to 2\n--seed -1: must be/],
  ];
  for (const [args, says] of cases) {
    await assert.rejects(parse('a.jpg', '--out', 'o', ...args), { code: 'BAD_SETTING', message: says });
  }
  await assert.rejects(parse('a.jpg', '--out', 'o', '--frame', '3'), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
  await assert.rejects(parse('a.jpg', '--out'), { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' });
  await assert.rejects(parse('a.jpg'), { message: /--out PATH/ });
  await assert.rejects(parse('--out', 'o'), { message: /Which photos/ });
});

test('a camera sets the number of frames', async (t) => {
  const file = path.join(temporaryFolder(t), 'camera path.json');
  const run = (json: string) => {
    writeFileSync(file, json);
    return parse('a.jpg', '--out', 'o', '--frames', '24', '--camera', file);
  };
  const options = await run('[{"zoom": 1.2}, {"rotation": 0.1, "panX": -0.25, "panY": 1}, {}]');
  assert.equal(options?.clip.frames, 3);
  assert.deepEqual(options.camera, [
    { zoom: 1.2, rotation: 0, panX: 0, panY: 0 },
    { zoom: 1, rotation: 0.1, panX: -0.25, panY: 1 },
    { zoom: 1, rotation: 0, panX: 0, panY: 0 },
  ]);
  await assert.rejects(run('[]'), { code: 'BAD_SETTING', message: /--camera .*camera path.json: / });
  await assert.rejects(run('{"zoom": 1}'), { message: /expected array/ });
  await assert.rejects(run('[{"zoom": 1}, {"zoom": 0}]'), {
    message: /entry 1\.zoom: .*\{zoom, rotation, panX, panY\}/,
  });
  await assert.rejects(run('[{"zoom": 1},'), { message: /JSON/ });
  await assert.rejects(parse('a.jpg', '--out', 'o', '--camera', 'none.json'), {
    message: /--camera none.json: ENOENT/,
  });
});
