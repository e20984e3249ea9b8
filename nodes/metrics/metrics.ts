import { namedFrames, withFrameFiles } from '../../lib/metrics/process/frame-files.ts';
import { MetricsProcess } from '../../lib/metrics/process/metrics-process.ts';
import { isHandle } from '../../lib/session/types.ts';
import { expectHandle, timed } from '../message.ts';
import { userPath } from '../paths.ts';
import type { Node, Red } from '../red.ts';
import { onInput } from '../work.ts';
import { folderQuestion, type MetricsConfig } from './folder-question.ts';

interface Figures {
  readonly eWarp1: number | null | undefined;
  readonly contrast: number | undefined;
  readonly setDistance: number | null | undefined;
}

export default function register(RED: Red): void {
  /** The three that tell most, for the status. */
  const told = ({ eWarp1, contrast, setDistance }: Figures): string => {
    const values = { warp: eWarp1?.toFixed(4) ?? '–', contrast: contrast?.toFixed(2) ?? '–' };
    const set = setDistance?.toFixed(2);
    return set ? RED._('status.measured-set', { ...values, set }) : RED._('status.measured', values);
  };

  RED.nodes.registerType('manga-metrics', function (this: Node, config: MetricsConfig) {
    RED.nodes.createNode(this, config);
    const meter = new MetricsProcess();
    const path = (text: string): string => (text.trim() === '' ? '' : userPath(RED, text.trim()));
    onInput(RED, this, async ({ message, session, progress }) => {
      if (config.measures === 'photos') {
        const question = await folderQuestion(RED, this, config, message);
        const evaluation = await timed(message, 'metrics', () =>
          meter.evaluate(question, {
            progress: (done, of) => progress(done, of, 'photo'),
            leftOut: (line) => this.warn(line),
          }),
        );
        message.metrics = evaluation;
        const { temporal, setDistance } = evaluation.subjects[0]!;
        return { message, text: told({ eWarp1: temporal?.eWarp1, contrast: temporal?.contrast, setDistance }) };
      }
      const { payload } = message;
      const measure = (files: readonly string[]) =>
        meter.measure({ files, pages: path(config.pages), features: path(config.features) });
      const metrics = await timed(message, 'metrics', async () => {
        if (!isHandle(payload)) return measure(await namedFrames(payload, (file) => userPath(RED, file)));
        return withFrameFiles(session(payload.session), expectHandle(payload, 'frames', payload.session), measure);
      });
      message.metrics = metrics;
      return { message, text: told({ ...metrics.temporal, setDistance: metrics.setDistance }) };
    });
    this.on('close', (_removed, done) => {
      meter.close();
      done();
    });
  });
}
