import { Random } from '../random.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { CONTROLS, type Controls, STILL } from './controls.ts';
import { type Direction, directionOf } from './direction.ts';

/**
 * What a named motion asks for: controls of the network, and what is made of its output (compose.ts). The network knows the
 * controls one by one; a motion that tells something is a mix of them, aimed at something.
 */
export interface Steering {
  readonly controls: Controls;
  /** Whether it runs from a beginning to an end, at a pace that an easing can change; orbit, shake, sway and breath go round. */
  readonly eased: boolean;
  /** A pan: its way is measured by frame and canvas, not by the network. */
  readonly pans: boolean;
  /** Factor on the network's zoom. */
  readonly lens: number;
  /** Factors on the network's pan and rotation; 0 leaves out what it adds of its own. */
  readonly swing: number;
  readonly turn: number;
  /** Factor on the network's parallax, and the angle in radians to which it is turned: the network knows sideways only. */
  readonly depth: number;
  readonly depthAngle: number;
  /** Factor on the network's flow bases: sway and breath. */
  readonly life: number;
  /** How far the whole picture breathes with its subject. */
  readonly swell: number;
  /** Where the motion goes, for speed lines: radians, 0 right, pi/2 up. */
  readonly heading: number;
  /** How much more the nearest point grows than the farthest, for each unit of log zoom: 0 a lens that zooms, more a camera that moves. */
  readonly perspective: number;
  /** How far a zoom goes towards the focal point: 0 to the middle, 1 the focal point stays in its place, more and it comes to the middle. */
  readonly aim: number;
  /** Which of the picture's points of interest is the focal point, if it is not given: 0 is the first. */
  readonly interest: number;
  /** Effects that a shot of 'auto' brings (auto-effects.ts). */
  readonly effects: Partial<Effects>;
}

/** What is drawn over the frames, and how long each is shown. */
export type Effects = Pick<ClipSettings, 'speedLines' | 'focusLines' | 'impact' | 'hold'>;

const PLAIN: Omit<Steering, 'controls' | 'heading' | 'eased'> = {
  pans: false,
  lens: 1,
  swing: 0,
  turn: 0,
  depth: 1,
  depthAngle: 0,
  life: 1,
  swell: 0,
  perspective: 0,
  aim: 1.8,
  interest: 0,
  effects: {},
};

type Plan = Partial<Omit<Steering, 'controls' | 'heading' | 'eased'>> & { readonly controls: Partial<Controls> };

/** A pan: controls are fractions of the way to go, y down. */
function panTo(angle: number, size = 1): Partial<Controls> {
  return { panX: size * Math.cos(angle), panY: -size * Math.sin(angle) };
}

const PAN = { pans: true, swing: 1, turn: 1 } as const;
/** A camera that moves in: what is near grows much faster than what is far. */
const DOLLY = { perspective: 1.6, lens: 0.9 } as const;
const ORBIT = { depth: 1.8, swing: 1 } as const;
const PARALLAX = { depth: 3.4 } as const;
const TURN = { turn: 2.2 } as const;

/** The shots of 'auto': eight seeds in a row show eight of them. `way` says which directions a shot can take. */
const SHOTS: readonly {
  readonly way: 'angle' | 'depth' | 'side';
  plan(random: Random, sign: number, angle: number | undefined): Plan;
}[] = [
  {
    way: 'depth',
    plan: (random) => ({ controls: { zoom: random.uniform(0.8, 1), parallax: 0 }, effects: { focusLines: 0.35 } }),
  },
  {
    way: 'angle',
    plan: (random, sign, angle) => ({
      controls: panTo(angle ?? (sign > 0 ? 0 : Math.PI), random.uniform(0.8, 1)),
      ...PAN,
    }),
  },
  { way: 'depth', plan: (random) => ({ controls: { zoom: -random.uniform(0.8, 1), parallax: 0 }, ...DOLLY }) },
  {
    way: 'side',
    plan: (random, sign) => ({ controls: { orbit: sign * random.uniform(0.8, 1), parallax: 0 }, ...ORBIT }),
  },
  {
    way: 'angle',
    plan: (random, sign, angle) => ({
      controls: { ...panTo(angle ?? (sign * Math.PI) / 2, random.uniform(0.8, 1)), parallax: 0 },
      ...PAN,
      effects: { hold: 2 },
    }),
  },
  {
    way: 'side',
    plan: (random, sign) => ({
      controls: { rotation: sign * random.uniform(0.8, 1), parallax: 0 },
      ...TURN,
      effects: { impact: 0.5 },
    }),
  },
  { way: 'side', plan: (random, sign) => ({ controls: { parallax: sign * random.uniform(0.8, 1) }, ...PARALLAX }) },
  {
    way: 'angle',
    plan: (random, sign, angle) => ({
      controls: {
        ...panTo(angle ?? Math.PI * (sign > 0 ? 0.3 : 0.7) * random.pick([1, -1]), random.uniform(0.8, 1)),
        rotation: sign * random.uniform(0.2, 0.5),
      },
      ...PAN,
      effects: { speedLines: 0.35 },
    }),
  },
];

/** 'auto': every seed mixes one camera move, some depth and some life, and may aim at what is interesting only secondly. */
function autoPlan(random: Random, seed: number, sign: number, direction: Direction): Plan {
  const { angle, depth } = direction;
  const shots = SHOTS.filter(({ way }) => (angle !== undefined ? way === 'angle' : depth ? way === 'depth' : true));
  const plan = shots[seed % shots.length]!.plan(random, sign, angle);
  const zoom = plan.controls.zoom;
  return {
    ...plan,
    controls: {
      parallax: sign * random.uniform(0.3, 0.7),
      sway: random.uniform(0, 0.4),
      breathe: random.uniform(0.3, 0.7),
      ...plan.controls,
      ...(depth && zoom ? { zoom: depth * Math.abs(zoom) } : {}),
    },
    // A pan that aims at a chest cuts the head.
    interest: random.uniform() < 0.6 || plan.pans ? 0 : 1,
  };
}

/**
 * The steering of a motion. The seed chooses what is not said.
 * @throws MangaError BAD_SETTING for a direction that the motion cannot take
 */
export function steeringOf(settings: Pick<ClipSettings, 'motion' | 'direction' | 'amount' | 'seed'>): Steering {
  const { motion, amount, seed } = settings;
  const direction = directionOf(settings);
  const random = new Random(seed);
  const sign = random.uniform() < 0.5 ? -1 : 1;
  const side = direction.angle === undefined ? sign : Math.cos(direction.angle) < 0 ? -1 : 1;
  const angle = direction.angle ?? (sign > 0 ? 0 : Math.PI);
  const depth = direction.depth ?? 1;
  const plans: Record<Exclude<ClipSettings['motion'], 'auto'>, Plan> = {
    pan: { controls: panTo(angle), ...PAN },
    zoom: { controls: { zoom: depth } },
    rotate: { controls: { rotation: side }, ...TURN },
    dolly: { controls: { zoom: depth }, ...DOLLY },
    orbit: { controls: { orbit: side }, ...ORBIT },
    shake: { controls: { shake: 1 } },
    parallax: { controls: { parallax: 1 }, depthAngle: angle, ...PARALLAX },
    sway: { controls: { sway: 1 }, life: 2 },
    breathe: { controls: { breathe: 1 }, life: 3, swell: 1 },
  };
  const plan = motion === 'auto' ? autoPlan(random, seed, sign, direction) : plans[motion];
  const controls = { ...STILL, ...plan.controls };
  for (const name of CONTROLS) controls[name] *= amount;
  const panned = controls.panX !== 0 || controls.panY !== 0;
  return {
    ...PLAIN,
    ...plan,
    controls,
    eased: controls.orbit === 0 && controls.shake === 0,
    heading: direction.angle ?? (panned ? Math.atan2(-controls.panY, controls.panX) : side > 0 ? 0 : Math.PI),
  };
}
