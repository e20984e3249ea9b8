import { checkPlan } from '../../plan/check.ts';
import {
  adversarialSchema,
  contentSchema,
  decoderSchema,
  discriminatorSchema,
  styleSchema,
  temporalSchema,
} from '../../plan/settings.ts';
import type { Plan, StepBlock, TrainerSettings } from '../../plan/types.ts';
import type { CompiledPlan } from './compiled-plan.ts';

/** What the trainer needs of a plan. @throws MangaError BAD_WIRING, BAD_SETTING */
export function compilePlan(plan: Plan, trainer?: Pick<TrainerSettings, 'schedule' | 'from'>): CompiledPlan {
  checkPlan(plan, trainer);
  const step = (block: StepBlock) => plan.steps.find((candidate) => candidate.block === block);
  const settings = (block: StepBlock) => step(block)?.settings;
  const when = <R>(block: StepBlock, parse: (value: unknown) => R): R | null => {
    const found = settings(block);
    return found ? parse(found) : null;
  };
  const { frames, side } = decoderSchema.parse(settings('tcn-decoder') ?? {});
  return {
    dataset: settings('dataset') ?? {},
    frames,
    side,
    discriminator: when('discriminator', (value) => discriminatorSchema.parse(value)),
    adversarial: when('loss-adversarial', (value) => adversarialSchema.parse(value)),
    content: when('loss-content', (value) => contentSchema.parse(value)),
    style: when('loss-style', (value) => styleSchema.parse(value)),
    temporal: when('loss-temporal', (value) => temporalSchema.parse(value)),
  };
}
