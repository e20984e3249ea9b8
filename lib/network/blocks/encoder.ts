import type { Program } from '../../engines/engine.ts';
import type { NetworkConfig } from '../config.ts';
import { convSpecs, type WeightSpecs } from '../weights.ts';
import { conv, residual, SLOPE } from './layers.ts';

/*
 * Encoder: photo -> content features at three scales and a global content code.
 *   half    = act(conv5x5 s2 (photo))
 *   quarter = act(conv3x3 s2 (half))
 *   eighth  = residual blocks (act(conv3x3 s2 (quarter)))
 *   code    = mean over positions of eighth
 */

export function encoderSpecs(config: NetworkConfig): WeightSpecs {
  const [w1, w2, w3] = config.widths;
  const blocks: Record<string, WeightSpecs[string]> = {};
  for (let i = 0; i < config.encoderBlocks; i++) {
    Object.assign(
      blocks,
      convSpecs(`encoder.block${i}.a`, 3, w3, w3),
      convSpecs(`encoder.block${i}.b`, 3, w3, w3, 0.1),
    );
  }
  return {
    ...convSpecs('encoder.half', 5, 3, w1),
    ...convSpecs('encoder.quarter', 3, w1, w2),
    ...convSpecs('encoder.eighth', 3, w2, w3),
    ...blocks,
  };
}

/**
 * Input `photo` [B,H,W,3] in -1..1, H and W multiples of 8.
 * Outputs `half` [B,H/2,W/2,w1], `quarter` [B,H/4,W/4,w2], `eighth` [B,H/8,W/8,w3], `code` [B,w3].
 */
export function encoderProgram(config: NetworkConfig): Program {
  return {
    name: `encoder-${JSON.stringify(config)}`,
    inputs: { photo: ['B', 'H', 'W', 3] },
    outputs: ['half', 'quarter', 'eighth', 'code'],
    build(ops, weight, inputs) {
      const half = ops.leakyRelu(conv(ops, weight, 'encoder.half', inputs.photo!, 2), SLOPE);
      const quarter = ops.leakyRelu(conv(ops, weight, 'encoder.quarter', half, 2), SLOPE);
      let eighth = ops.leakyRelu(conv(ops, weight, 'encoder.eighth', quarter, 2), SLOPE);
      for (let i = 0; i < config.encoderBlocks; i++) eighth = residual(ops, weight, `encoder.block${i}`, eighth);
      return { half, quarter, eighth, code: ops.globalMean(eighth) };
    },
  };
}
