import type { NodeRecord } from '../../../lib/plan/config-reader.ts';
import type { Node, Red } from '../../red.ts';
import { trainingStep } from '../../training-step.ts';
import { onInput } from '../../work.ts';

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-loss-content', function (this: Node, config: NodeRecord) {
    RED.nodes.createNode(this, config);
    onInput(RED, this, ({ message }) => trainingStep(RED, this, 'loss-content', config, message));
  });
}
