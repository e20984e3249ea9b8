import type { Program } from '../../engines/engine.ts';
import type { NetworkConfig } from '../config.ts';
import type { Ops } from '../ops.ts';
import { conv1dSpecs, denseSpecs, type WeightSpecs } from '../weights.ts';
import { dense } from './layers.ts';

/*
 * Decoder, temporal part: noise and controls z, the content code and the phase of the clip -> motion parameters a step.
 *   h0_t = dense(z_t, code) * dense(phase_t)          amplitude times course, so that controls act proportionally
 *   h    = L temporal blocks (Bai 2018): relu(x + relu(conv(relu(conv(x))))), causal, dilation 2^level, weight norm
 *   m_t  = dense(h_t, h0_t)
 * The receptive field is 1 + 2 (kernel-1) (2^levels - 1) steps.
 */

/** zoom, rotation, pan x, pan y, parallax x, parallax y, parallax z (dolly): then one weight a flow basis. */
export const CAMERA_OUTPUTS = 7;

export function motionSize(config: NetworkConfig): number {
  return CAMERA_OUTPUTS + config.flowBases;
}

/** Features of one step's phase, see motion/phases.ts. */
export const PHASE_FEATURES = 9;

/** Steps before the first one that can influence a step. */
export function receptiveField(config: NetworkConfig): number {
  return 2 * (config.tcn.kernel - 1) * (2 ** config.tcn.levels - 1);
}

export function motionTcnSpecs(config: NetworkConfig): WeightSpecs {
  const { channels, levels, kernel } = config.tcn;
  const specs: Record<string, WeightSpecs[string]> = {};
  for (let level = 0; level < levels; level++) {
    Object.assign(specs, conv1dSpecs(`tcn.block${level}.a`, kernel, channels, channels));
    Object.assign(specs, conv1dSpecs(`tcn.block${level}.b`, kernel, channels, channels, 0.3));
  }
  return {
    ...denseSpecs('tcn.amplitude', config.noise + config.widths[2], channels),
    ...denseSpecs('tcn.course', PHASE_FEATURES, channels),
    ...specs,
    ...denseSpecs('tcn.motion', 2 * channels, motionSize(config), 0.3),
  };
}

/** Weights that training holds as direction and length (weight normalisation, Salimans 2016). */
export function weightNormalised(name: string): boolean {
  return /^tcn\.block\d+\.[ab]\.weight$/.test(name);
}

function temporalBlock<T extends object>(
  ops: Ops<T>,
  weight: (name: string) => T,
  name: string,
  x: T,
  dilation: number,
): T {
  const convolve = (part: string, input: T) =>
    ops.relu(ops.causalConv1d(input, weight(`${name}.${part}.weight`), weight(`${name}.${part}.bias`), dilation));
  return ops.relu(ops.add(x, convolve('b', convolve('a', x))));
}

/**
 * Inputs `z` [B,T,noise], `phase` [B,T,9], `code` [B,w3].
 * Output `motion` [B,T,7+K], in units of MOTION_RANGE (motion/trajectory.ts).
 */
export function motionTcnProgram(config: NetworkConfig): Program {
  return {
    name: `motion-tcn-${JSON.stringify(config)}`,
    inputs: { z: ['B', 'T', config.noise], phase: ['B', 'T', PHASE_FEATURES], code: ['B', config.widths[2]] },
    outputs: ['motion'],
    build(ops, weight, inputs) {
      const z = inputs.z!;
      const amplitude = dense(ops, weight, 'tcn.amplitude', ops.concatLast([z, ops.repeatSteps(inputs.code!, z)]));
      const start = ops.mul(amplitude, dense(ops, weight, 'tcn.course', inputs.phase!));
      let x = start;
      for (let level = 0; level < config.tcn.levels; level++) {
        x = temporalBlock(ops, weight, `tcn.block${level}`, x, 2 ** level);
      }
      return { motion: dense(ops, weight, 'tcn.motion', ops.concatLast([x, start])) };
    },
  };
}
