/** What a plan comes down to: the settings of its steps, ready for the trainer. Made by compile-plan.ts. */

export interface DiscriminatorSettings {
  readonly pairing: 'independent' | 'relativistic';
  readonly channels: number;
  /** Halvings of the frame branch. */
  readonly depth: number;
  /** What its losses are taken on: every patch and step, or the clip as a whole. */
  readonly logits: 'patches' | 'clip';
}

export interface AdversarialSettings {
  readonly weight: number;
  readonly objective: 'non-saturating' | 'minimax';
  /** Label of real sequences, 1 or a little less (one-sided smoothing, Salimans 2016). */
  readonly realLabel: number;
}

export interface FeatureSettings {
  readonly weight: number;
  /** 'small': the one that ships; else a file of VGG19 weights. */
  readonly network: string;
  /** Empty: the network's own choice. */
  readonly layers: readonly string[];
}

export interface ContentSettings extends FeatureSettings {
  /** What the generated sequence should show: x, or the photo it was made from (unpaired data). */
  readonly against: 'real' | 'photo';
}

export interface StyleSettings extends FeatureSettings {
  readonly transform: 'gram' | 'layers';
}

export interface TemporalSettings {
  readonly weight: number;
  /** Compare 3x3 means instead of pixels: screens then count less. */
  readonly lowPass: boolean;
}

export interface CompiledPlan {
  readonly dataset: Readonly<Record<string, unknown>>;
  /** T and the side of the crops. */
  readonly frames: number;
  readonly side: number;
  readonly discriminator: DiscriminatorSettings | null;
  readonly adversarial: AdversarialSettings | null;
  readonly content: ContentSettings | null;
  readonly style: StyleSettings | null;
  readonly temporal: TemporalSettings | null;
}
