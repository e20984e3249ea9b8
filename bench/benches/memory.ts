/** Resident memory over many small clips: must stay flat. */
import { type Bench, round, summarise } from '../bench.ts';
import { Stylizer } from '../stylizer.ts';
import { benchModel, PHOTOS } from '../subjects.ts';

const SIZE = '256x256';
const FRAMES = 8;

/** Slope of a straight line through (1, y1), (2, y2), ... by least squares. */
function slope(values: readonly number[]): number {
  const centre = (values.length + 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let above = 0;
  let below = 0;
  values.forEach((value, i) => {
    above += (i + 1 - centre) * (value - mean);
    below += (i + 1 - centre) ** 2;
  });
  return above / below;
}

export const memory: Bench = async ({ quick, scratch, tell }) => {
  const clips = quick ? 20 : 200;
  const every = clips / (quick ? 4 : 8);
  const { folder, name: model } = await benchModel(scratch);
  const stylizer = new Stylizer(folder, scratch);
  const parent: number[] = [];
  const session: number[] = [];
  const one = (i: number) => stylizer.stylize(PHOTOS[i % PHOTOS.length]!, SIZE, FRAMES, 'built-in');
  try {
    // Warm-up: every photo's shape twice.
    for (let i = 0; i < 2 * PHOTOS.length; i++) await one(i);
    for (let i = 1; i <= clips; i++) {
      await one(i);
      parent.push(process.memoryUsage.rss() / 1e6);
      session.push((await stylizer.host.stats()).residentBytes / 1e6);
      if (i % every === 0)
        tell(`after ${i}: parent ${Math.round(parent.at(-1)!)} MB, session ${Math.round(session.at(-1)!)} MB`);
    }
  } finally {
    await stylizer.close();
  }
  const result = (name: string, values: readonly number[]) => ({
    name,
    unit: 'MB',
    ...summarise(values),
    details: {
      clips,
      slopePer100Photos: round(slope(values) * 100, 2),
      after: Object.fromEntries(values.map((value, i) => [i + 1, round(value, 1)]).filter(([i]) => i! % every === 0)),
      clip: `${FRAMES} frames of ${SIZE}, built-in encoder`,
      model,
    },
  });
  return [result('memory session process', session), result('memory host process', parent)];
};
