import type * as core from '@tensorflow/tfjs-core';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/*
 * Adversarial losses on logits r = logit of D(x) and f = logit of D(G(z)), both [B,N], D = sigmoid of the logit
 * (method.md): L_adv = E log D(x) + E log(1 - D(G(z))), which D maximises and G minimises. By binary cross-entropy on the
 * logits, softplus(l) - y l for the label y: log(sigmoid) itself loses its digits.
 *
 * Pairing 'relativistic' (RSGAN, Jolicoeur-Martineau 2018): D judges how much more real x is than G(z) of the same place
 * in the batch, D(x, G(z)) = sigmoid(r - f).
 *
 * | pairing      | D minimises                                | G minimises, non-saturating  | G minimises, minimax     |
 * | independent  | BCE(r, label) + BCE(f, 0)                  | -E log D(G(z)) = BCE(f, 1)   | E log(1 - D(G(z)))       |
 * | relativistic | BCE(r - f, label)                          | BCE(f - r, 1)                | E log sigmoid(r - f)     |
 */

export interface AdversarialOptions {
  readonly pairing: 'independent' | 'relativistic';
  /** What G minimises: 'non-saturating' (Goodfellow 2014, section 3) has gradients where 'minimax', L_adv itself, has none. */
  readonly objective: 'non-saturating' | 'minimax';
  /** Label of real sequences in D's loss: 1, or .9 for one-sided smoothing (Salimans 2016). */
  readonly realLabel: number;
}

export const ADVERSARIAL_DEFAULTS: AdversarialOptions = {
  pairing: 'independent',
  objective: 'non-saturating',
  realLabel: 1,
};

/** Mean of softplus(l) - y l. */
function crossEntropy(tf: Tf, logits: T, label: number): T {
  return tf.mean(tf.sub(tf.softplus(logits), tf.mul(logits, label)));
}

/**
 * What the discriminator minimises; -L_adv for the defaults.
 * @param real logits of x, [B,N] @param fake logits of G(z), [B,N]; no gradient is to flow from them into G
 * @returns scalar
 */
export function discriminatorLoss(
  tf: Tf,
  real: T,
  fake: T,
  { pairing, realLabel }: AdversarialOptions = ADVERSARIAL_DEFAULTS,
): core.Scalar {
  return tf.tidy(() =>
    pairing === 'relativistic'
      ? crossEntropy(tf, tf.sub(real, fake), realLabel)
      : tf.add(crossEntropy(tf, real, realLabel), crossEntropy(tf, fake, 0)),
  ) as core.Scalar;
}

/**
 * What the generator minimises.
 * @param real logits of x, [B,N]: counts only for relativistic pairing @param fake logits of G(z), [B,N]
 * @returns scalar
 */
export function generatorLoss(
  tf: Tf,
  real: T,
  fake: T,
  { pairing, objective }: AdversarialOptions = ADVERSARIAL_DEFAULTS,
): core.Scalar {
  return tf.tidy(() => {
    const margin = pairing === 'relativistic' ? tf.sub(fake, real) : fake;
    // log(1 - sigmoid(m)) = -softplus(m)
    return objective === 'minimax' ? tf.neg(tf.mean(tf.softplus(margin))) : crossEntropy(tf, margin, 1);
  }) as core.Scalar;
}

/** Mean of D over the batch, 0..1. @param logits [B,1] */
export function meanScore(tf: Tf, logits: T): core.Scalar {
  return tf.tidy(() => tf.mean(tf.sigmoid(logits)) as core.Scalar);
}
