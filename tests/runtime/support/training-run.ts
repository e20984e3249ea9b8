/** The example flows/train.json, small, and drawing with what it learned. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingReport } from '../../../lib/plan/types.ts';
import { node, PHOTO, session } from './flow.ts';
import { type FlowNode, type Received, ROOT, type Runtime } from './runtime.ts';

/** Nodes of the small flow. */
export interface TrainingFlow {
  readonly flow: FlowNode[];
  readonly trainer: string;
  readonly session: string;
  readonly progress: string;
  readonly checkpoint: string;
}

/** @param more fields by node type */
export function smallTraining(more: Readonly<Record<string, Record<string, unknown>>> = {}): TrainingFlow {
  const small: Record<string, Record<string, unknown>> = {
    'manga-dataset': { side: '32', frames: '3' },
    'manga-tcn-decoder': { trainSide: '32', trainFrames: '3' },
    'manga-discriminator': { channels: '8' },
    'manga-trainer': { batch: '2', microBatch: '2' },
  };
  const example = JSON.parse(readFileSync(join(ROOT, 'examples', '07 Train.json'), 'utf8')) as FlowNode[];
  const flow = example.map((each) => ({ ...each, ...small[each.type], ...more[each.type] }));
  const trainer = flow.find(({ type }) => type === 'manga-trainer')!;
  const dataset = flow.find(({ type }) => type === 'manga-dataset')!;
  const [progress, checkpoint] = (trainer.wires as string[][]).map(([to]) => to!);
  return { flow, trainer: trainer.id, session: String(dataset.session), progress: progress!, checkpoint: checkpoint! };
}

/** Draws the sample photo with the trainer's out folder, as users type it, as model: stylize → drawn. */
export function drawing(out: string): FlowNode[] {
  return [
    session('learner', { model: out, engine: 'onnx' }),
    node('stylize', 'manga-stylize', ['drawn'], { session: 'learner', seed: '5' }),
    node('drawn', 'debug', [], { active: false, tosidebar: false, console: false }),
  ];
}

/** Progress messages, until one is as wanted. @param waitMs for one message: the longest step */
export async function progressUntil(
  runtime: Runtime,
  { progress }: TrainingFlow,
  wanted: (report: TrainingReport) => boolean,
  waitMs?: number,
): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for (;;) {
    const report = (await runtime.message(progress, waitMs)).payload as TrainingReport;
    reports.push(report);
    if (wanted(report)) return reports;
    if (report.state === 'failed') throw new Error(report.problem);
  }
}

/** Sends the photo to stylize. @returns the message with the frames' handle */
export function draw(runtime: Runtime): Promise<Received> {
  runtime.send('stylize', { payload: PHOTO });
  return runtime.message('drawn');
}
