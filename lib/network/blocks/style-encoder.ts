import type { Program } from '../../engines/engine.ts';
import type { NetworkConfig } from '../config.ts';
import { convSpecs, denseSpecs, type WeightSpecs } from '../weights.ts';
import { conv, dense, SLOPE } from './layers.ts';

/*
 * Style encoder: a drawn page -> style code. Four strided convolutions, mean over positions (so that only what is
 * everywhere on the page counts, not what it shows), one dense layer.
 */

const CHANNELS = [1, 16, 32, 64, 64] as const;

export function styleEncoderSpecs(config: NetworkConfig): WeightSpecs {
  const specs: Record<string, WeightSpecs[string]> = {};
  for (let i = 0; i < 4; i++) Object.assign(specs, convSpecs(`style.conv${i}`, 3, CHANNELS[i]!, CHANNELS[i + 1]!));
  return { ...specs, ...denseSpecs('style.code', CHANNELS[4], config.style, 0.5) };
}

/** Input `page` [B,H,W,1] grey in -1..1. Output `style` [B,S]. */
export function styleEncoderProgram(config: NetworkConfig): Program {
  return {
    name: `style-encoder-${JSON.stringify(config)}`,
    inputs: { page: ['B', 'H', 'W', 1] },
    outputs: ['style'],
    build(ops, weight, inputs) {
      let x = inputs.page!;
      for (let i = 0; i < 4; i++) x = ops.leakyRelu(conv(ops, weight, `style.conv${i}`, x, 2), SLOPE);
      return { style: dense(ops, weight, 'style.code', ops.globalMean(x)) };
    },
  };
}
