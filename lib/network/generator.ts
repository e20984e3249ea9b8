import type { Program } from '../engines/engine.ts';
import { canonicalDecoderProgram, canonicalDecoderSpecs } from './blocks/canonical-decoder.ts';
import { encoderProgram, encoderSpecs } from './blocks/encoder.ts';
import { motionTcnProgram, motionTcnSpecs } from './blocks/motion-tcn.ts';
import { styleEncoderProgram, styleEncoderSpecs } from './blocks/style-encoder.ts';
import type { NetworkConfig } from './config.ts';
import type { WeightSpecs } from './weights.ts';

/** Name of the style code that draws when no page is given; a weight, [1,S], set by training. */
export const DEFAULT_STYLE = 'style.default';

/** Every weight of the generator: add a block here and in {@link generatorPrograms}. */
export function generatorSpecs(config: NetworkConfig): WeightSpecs {
  return {
    ...encoderSpecs(config),
    ...styleEncoderSpecs(config),
    ...canonicalDecoderSpecs(config),
    ...motionTcnSpecs(config),
    [DEFAULT_STYLE]: { shape: [1, config.style], deviation: 0 },
  };
}

/** The blocks with weights, by the name of their exported file. */
export function generatorPrograms(
  config: NetworkConfig,
): Record<'encoder' | 'style-encoder' | 'canonical-decoder' | 'motion-tcn', Program> {
  return {
    encoder: encoderProgram(config),
    'style-encoder': styleEncoderProgram(config),
    'canonical-decoder': canonicalDecoderProgram(config),
    'motion-tcn': motionTcnProgram(config),
  };
}
