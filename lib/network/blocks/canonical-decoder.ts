import type { Program } from '../../engines/engine.ts';
import type { NetworkConfig } from '../config.ts';
import { convSpecs, denseSpecs, type WeightSpecs } from '../weights.ts';
import { conv, modulate, residual, SLOPE } from './layers.ts';

/*
 * Decoder, canonical part: once a clip it fuses content features with the style code and draws the layers that the
 * frames are made of. U-Net shape (Ronneberger 2015): up from 1/8 with skips from 1/4 and 1/2, FiLM by the style code
 * at every scale.
 *   layers: line, and where it is at least light, at least dark, and black. Fields of full size, 0..1, inside where > .5:
 *           four fields cut out cleanly at any size; one of four grey steps would print a dotted rim from white to black.
 *   fields: disparity (0 far .. 1 near) and K displacement bases of two components, at 1/4.
 */

/** Channels of the layers: line, light, dark, black. */
export const LAYERS = 4;

/** Channels of the motion fields: disparity, then x and y of each basis. */
export function fieldChannels(config: NetworkConfig): number {
  return 1 + 2 * config.flowBases;
}

export function canonicalDecoderSpecs(config: NetworkConfig): WeightSpecs {
  const [w1, w2, w3] = config.widths;
  const blocks: Record<string, WeightSpecs[string]> = {};
  for (let i = 0; i < config.decoderBlocks; i++) {
    Object.assign(
      blocks,
      convSpecs(`decoder.block${i}.a`, 3, w3, w3),
      convSpecs(`decoder.block${i}.b`, 3, w3, w3, 0.1),
      denseSpecs(`decoder.block${i}.film`, config.style, 2 * w3, 0.1),
    );
  }
  return {
    ...blocks,
    ...convSpecs('decoder.quarter', 3, w3 + w2, w2),
    ...denseSpecs('decoder.quarter.film', config.style, 2 * w2, 0.1),
    ...convSpecs('decoder.narrow', 1, w2, w1),
    ...convSpecs('decoder.half', 3, w1 + w1, w1),
    ...denseSpecs('decoder.half.film', config.style, 2 * w1, 0.1),
    ...convSpecs('decoder.refine', 3, w1, w1),
    ...convSpecs('decoder.layers', 3, w1, 4 * LAYERS, 0.2),
    ...convSpecs('decoder.fields.a', 3, w2 + 2, 32),
    ...convSpecs('decoder.fields.b', 3, 32, fieldChannels(config), 0.2),
  };
}

/**
 * Inputs `half` [B,H/2,W/2,w1], `quarter` [B,H/4,W/4,w2], `eighth` [B,H/8,W/8,w3], `style` [B,S], `position` [B,H/4,W/4,2]: where in
 * the photo, (x,y) -1..1 from edge to edge (depth and sway depend on it, as in CoordConv, Liu 2018).
 * Outputs `layers` [B,H,W,4] (line, light, dark, black; unbounded, meant for 0..1) and `fields` [B,H/4,W/4,1+2K] in -1..1.
 */
export function canonicalDecoderProgram(config: NetworkConfig): Program {
  const [w1, w2, w3] = config.widths;
  return {
    name: `canonical-decoder-${JSON.stringify(config)}`,
    inputs: {
      half: ['B', 'H2', 'W2', w1],
      quarter: ['B', 'H4', 'W4', w2],
      eighth: ['B', 'H8', 'W8', w3],
      style: ['B', config.style],
      position: ['B', 'H4', 'W4', 2],
    },
    outputs: ['layers', 'fields'],
    build(ops, weight, inputs) {
      const style = inputs.style!;
      let x = inputs.eighth!;
      for (let i = 0; i < config.decoderBlocks; i++) {
        x = modulate(ops, weight, `decoder.block${i}.film`, residual(ops, weight, `decoder.block${i}`, x), style, w3);
      }
      const up4 = conv(ops, weight, 'decoder.quarter', ops.concat([ops.upsample2(x), inputs.quarter!]));
      const quarter = ops.leakyRelu(modulate(ops, weight, 'decoder.quarter.film', up4, style, w2), SLOPE);
      const narrow = ops.leakyRelu(conv(ops, weight, 'decoder.narrow', quarter), SLOPE);
      const up2 = conv(ops, weight, 'decoder.half', ops.concat([ops.upsample2(narrow), inputs.half!]));
      const half = ops.leakyRelu(modulate(ops, weight, 'decoder.half.film', up2, style, w1), SLOPE);
      const refined = ops.add(half, ops.leakyRelu(conv(ops, weight, 'decoder.refine', half), SLOPE));
      const layers = ops.pixelShuffle2(conv(ops, weight, 'decoder.layers', refined));
      const hidden = ops.leakyRelu(
        conv(ops, weight, 'decoder.fields.a', ops.concat([quarter, inputs.position!])),
        SLOPE,
      );
      const fields = ops.tanh(conv(ops, weight, 'decoder.fields.b', hidden));
      return { layers, fields };
    },
  };
}
