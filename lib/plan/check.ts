import { BLOCKS } from './blocks.ts';
import { lowerFirst, wrong } from './build.ts';
import type { Plan, PlanStep, StepBlock, TrainerSettings } from './types.ts';
import { WiringError } from './wiring-error.ts';

const LOSSES: readonly StepBlock[] = ['loss-adversarial', 'loss-content', 'loss-style', 'loss-temporal'];

/**
 * Whether a joined plan can be trained.
 * @param settings of the trainer, where they are known: whether the data suit the schedule is then checked too
 * @throws WiringError (BAD_WIRING) naming the step that is wrong, or no step where one is missing
 */
export function checkPlan(plan: Plan, settings?: Pick<TrainerSettings, 'schedule' | 'from'>): void {
  const byBlock = new Map<StepBlock, PlanStep>(plan.steps.map((step) => [step.block, step]));
  const dataset = need(byBlock, 'dataset', 'training data');
  need(byBlock, 'encoder', 'the first half of the generator');
  need(byBlock, 'tcn-decoder', 'the second half of the generator');
  const discriminator = byBlock.get('discriminator');
  const adversarial = byBlock.get('loss-adversarial');
  if (adversarial && !discriminator) {
    throw wrong(adversarial, 'there is no discriminator', 'Wire a manga-discriminator in front of this node.');
  }
  if (discriminator && !adversarial) {
    throw wrong(discriminator, 'nothing trains it', 'Wire a manga-loss-adversarial behind it, or remove it.');
  }
  if (!LOSSES.some((block) => byBlock.has(block))) {
    throw new WiringError(
      undefined,
      'There is no loss: nothing to learn from.',
      'Wire loss nodes between the manga-discriminator and this node.',
    );
  }
  for (const step of plan.steps) checkInputs(plan, step);
  if (isPaired(dataset)) return;
  checkUnpaired(byBlock);
  if (settings?.schedule === 'phases' && settings.from === undefined) {
    const pairs = canPair(dataset) ? `${PAIR}, or start` : 'Start';
    throw wrong(
      dataset,
      "the first phases learn from the teacher's drawing of the photos, but it brings none",
      `${pairs} from a checkpoint (Checkpoint in the manga-trainer, --from), or choose its plain schedule.`,
    );
  }
}

/** What compares G(z) with a drawing of the same photo. The temporal loss has another way: gan/generator-objective.ts. */
function checkUnpaired(byBlock: ReadonlyMap<StepBlock, PlanStep>): void {
  const dataset = byBlock.get('dataset')!;
  const style = byBlock.get('loss-style');
  if (style && counts(style) && style.settings.transform === 'layers') {
    throw wrong(
      style,
      'it compares the layers of paired drawings, but the dataset brings none',
      canPair(dataset) ? `Choose the transform 'gram'. Or ${lowerFirst(PAIR)}.` : "Choose the transform 'gram'.",
    );
  }
  const content = byBlock.get('loss-content');
  // A film shows what its first frame shows, and that is the photo.
  if (content && counts(content) && content.settings.against === 'real' && canPair(dataset)) {
    throw wrong(
      content,
      'it compares with the real sequences, but those are pages that show something else than the photos',
      `Set Compare with to 'the photo'. Or ${lowerFirst(PAIR)}: it then compares with their drawings.`,
    );
  }
}

function need(byBlock: ReadonlyMap<StepBlock, PlanStep>, block: StepBlock, what: string): PlanStep {
  const step = byBlock.get(block);
  if (step) return step;
  const { type } = BLOCKS[block];
  const order = 'manga-dataset, manga-encoder, manga-tcn-decoder, manga-discriminator, losses, manga-trainer';
  throw new WiringError(
    undefined,
    `There is no ${type} (${what}) in front of this node.`,
    `Wire them in the order ${order}.`,
  );
}

/** A plan that comes from a file may name steps that it does not have. */
function checkInputs(plan: Plan, step: PlanStep): void {
  for (const [name, input] of Object.entries(BLOCKS[step.block].inputs)) {
    if (!input.required(step.settings)) continue;
    const reference = step.inputs[name];
    const maker = plan.steps.find(({ id }) => id === reference?.step);
    const made = maker && Object.values(BLOCKS[maker.block].outputs).some(({ kind }) => kind === input.kind);
    if (!made) throw wrong(step, `its input '${name}' is not wired`, 'Wire the nodes anew and start from the dataset.');
  }
}

const PAIR = "Tick 'Draw the photos too' in the manga-dataset";

/** Whether the batches bring the teacher's drawing of the photos. */
function isPaired({ settings }: PlanStep): boolean {
  return settings.kind === 'photos' || settings.paired === true;
}

/** Whether they could: a film is its own photo. */
function canPair({ settings }: PlanStep): boolean {
  return settings.kind !== 'video';
}

/** A loss of weight 0 is shown, and says nothing. */
function counts({ settings }: PlanStep): boolean {
  return settings.weight !== 0;
}
