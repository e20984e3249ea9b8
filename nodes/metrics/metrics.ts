import { namedFrames, withFrameFiles } from '../../lib/metrics/process/frame-files.ts';
import { MetricsProcess } from '../../lib/metrics/process/metrics-process.ts';
import { isHandle } from '../../lib/session/types.ts';
import { expectHandle, timed } from '../message.ts';
import { userPath } from '../paths.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import { onInput } from '../work.ts';

interface MetricsConfig extends NodeConfig {
  /** Folder of manga pages, or empty. */
  readonly pages: string;
  /** ONNX feature network, or empty. */
  readonly features: string;
}

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-metrics', function (this: Node, config: MetricsConfig) {
    RED.nodes.createNode(this, config);
    const meter = new MetricsProcess();
    const path = (text: string): string => (text.trim() === '' ? '' : userPath(RED, text.trim()));
    onInput(RED, this, async ({ message, session }) => {
      const { payload } = message;
      const measure = (files: readonly string[]) =>
        meter.measure({ files, pages: path(config.pages), features: path(config.features) });
      const metrics = await timed(message, 'metrics', async () => {
        if (!isHandle(payload)) return measure(await namedFrames(payload, (file) => userPath(RED, file)));
        return withFrameFiles(session(payload.session), expectHandle(payload, 'frames', payload.session), measure);
      });
      const { eWarp1, contrast } = metrics.temporal;
      message.metrics = metrics;
      const texture = metrics.setDistance === null ? '' : `, set ${metrics.setDistance.toFixed(2)}`;
      return { message, text: `E_warp ${eWarp1?.toFixed(4) ?? '–'}, contrast ${contrast.toFixed(2)}${texture}` };
    });
    this.on('close', (_removed, done) => {
      meter.close();
      done();
    });
  });
}
