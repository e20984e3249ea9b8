import { MangaError } from '../lib/errors/manga-error.ts';
import { type Handle, isHandle, type Session } from '../lib/session/types.ts';
import {
  type CameraMove,
  type ClipSettings,
  cameraSchema,
  clipSchema,
  drawSchema,
  parseSettings,
} from '../lib/settings/settings.ts';
import { expectHandle, type MangaMessage, timed } from './message.ts';
import { pictureSource } from './picture.ts';
import type { Node, NodeConfig, Red } from './red.ts';
import { typedValue } from './typed-value.ts';
import type { Work } from './work.ts';

/** What the forms of manga-tcn-decoder and manga-stylize share. Each `…Type` is a typedInput's type. */
export interface ClipConfig extends NodeConfig {
  readonly session: string;
  readonly frames: string;
  readonly framesType: string;
  readonly fps: string;
  readonly size: string;
  readonly sizeType: string;
  readonly canvas: string;
  /** Of manga-stylize; absent in flows of earlier versions. */
  readonly detail?: string;
  readonly style: string;
  readonly styleType: string;
  readonly styleStrength: string;
  readonly styleStrengthType: string;
  readonly styleBlend: string;
  readonly styleBlendType: string;
  readonly motion: string;
  readonly motionType: string;
  readonly direction: string;
  readonly directionType: string;
  readonly amount: string;
  readonly amountType: string;
  readonly easing: string;
  readonly focal: string;
  readonly focalType: string;
  readonly focusLines: string;
  readonly focusLinesType: string;
  readonly speedLines: string;
  readonly speedLinesType: string;
  readonly impact: string;
  readonly impactType: string;
  readonly hold: string;
  readonly seed: string;
  readonly seedType: string;
  readonly loop: string;
  readonly ink: string;
  readonly inkType: string;
  readonly screenPeriod: string;
  readonly screenAngle: string;
  readonly lineWeight: string;
  /** Absent in flows of earlier versions. */
  readonly thumbnail?: boolean;
}

const TYPED = [
  ...(['frames', 'size', 'motion', 'direction', 'amount', 'focal', 'seed'] as const),
  ...(['focusLines', 'speedLines', 'impact', 'ink', 'styleStrength', 'styleBlend'] as const),
] as const;
const PLAIN = [
  ...(['fps', 'canvas', 'detail', 'loop', 'easing', 'hold'] as const),
  ...(['screenPeriod', 'screenAngle', 'lineWeight'] as const),
] as const;

/** @throws MangaError BAD_SETTING naming each wrong field */
export async function clipSettings(
  RED: Red,
  node: Node,
  config: ClipConfig,
  message: MangaMessage,
): Promise<ClipSettings> {
  const values: Record<string, unknown> = {};
  for (const key of PLAIN) if (config[key] !== '') values[key] = config[key];
  for (const key of TYPED) values[key] = await typedValue(RED, node, config[key], config[`${key}Type`], message);
  return parseSettings(clipSchema, values);
}

/** Which checkpoint draws: a shipped one, or the session's. @throws MangaError BAD_SETTING */
export async function modelOf(
  RED: Red,
  node: Node,
  config: { readonly model: string; readonly modelType: string },
  message: MangaMessage,
): Promise<ClipSettings['model']> {
  const model = config.model ? await typedValue(RED, node, config.model, config.modelType, message) : undefined;
  return parseSettings(drawSchema.pick({ model: true }), { model }).model;
}

/** @throws MangaError BAD_SETTING */
export function cameraOf(message: MangaMessage): readonly CameraMove[] | undefined {
  if (message.camera === undefined || message.camera === null) return undefined;
  if (!Array.isArray(message.camera) || message.camera.length === 0) {
    throw new MangaError(
      'BAD_SETTING',
      'msg.camera must be an array with one entry a frame.',
      'For example [{"zoom": 1.1, "panX": 0.02}].',
    );
  }
  return parseSettings(cameraSchema, message.camera);
}

/**
 * The style page: a style handle, or any picture, whose style is then encoded in this message's arena; or two of these,
 * blended.
 * @param blend share of the second
 * @returns undefined when no page is set
 */
export async function styleOf(
  RED: Red,
  node: Node,
  config: Pick<ClipConfig, 'session' | 'style' | 'styleType'>,
  work: Work,
  session: Session,
  arena: string,
  blend = 0.5,
): Promise<Handle | undefined> {
  const { message } = work;
  const what = config.styleType === 'msg' ? `msg.${config.style}` : 'The style page';
  const value = config.style === '' ? undefined : await typedValue(RED, node, config.style, config.styleType, message);
  if (value === undefined) return undefined;
  const pages: readonly unknown[] = Array.isArray(value) ? value : [value];
  const handleOf = async (page: unknown): Promise<Handle> => {
    if (!isHandle(page)) return session.loadPicture(arena, pictureSource(RED, page, what));
    return expectHandle(page, page.kind === 'image' ? 'image' : 'style', config.session, what);
  };
  const [first, ...others] = await Promise.all(pages.map(handleOf));
  if (first?.kind === 'style' && others.length === 0) return first;
  return timed(message, 'style', () =>
    session.encodeStyle(
      [first, ...others].filter((page) => page !== undefined),
      blend,
    ),
  );
}
