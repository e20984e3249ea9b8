import { MangaError } from '../../lib/errors/manga-error.ts';
import { evaluationSettings } from '../../lib/metrics/evaluate-settings.ts';
import type { FolderQuestion } from '../../lib/metrics/process/metrics-process.ts';
import { describe, type MangaMessage } from '../message.ts';
import { modelPath, userPath } from '../paths.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import { sessionOf } from '../session-of.ts';
import { typedValue } from '../typed-value.ts';

/** Fields after `features` are absent in flows of earlier versions, which measure clips. */
export interface MetricsConfig extends NodeConfig {
  /** Folder of manga pages, or empty. */
  readonly pages: string;
  /** ONNX feature network, or empty. */
  readonly features: string;
  readonly measures?: 'clip' | 'photos';
  readonly photos?: string;
  readonly photosType?: string;
  /** Whose engine and model draw; empty: the package's own. */
  readonly session?: string;
  /** A shipped checkpoint or a folder, in place of the session's. */
  readonly model?: string;
  readonly style?: string;
  readonly camera?: boolean;
  readonly size?: string;
  readonly frames?: string;
  readonly seeds?: string;
  readonly report?: string;
}

/** @throws MangaError BAD_INPUT for anything but folders */
function folders(RED: Red, value: unknown, what: string): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((one) => typeof one === 'string' && one !== '')) {
    return list.map((folder) => userPath(RED, folder as string));
  }
  const hint = 'Send the path of a folder of photos, or a list of such paths.';
  throw new MangaError('BAD_INPUT', `${what} is ${describe(value)}.`, hint);
}

/** `msg.settings`, which the form's size, frames and seeds stand behind. @throws MangaError BAD_SETTING */
function settingsOf({ settings }: MangaMessage): Record<string, unknown> {
  if (settings === undefined || settings === null) return {};
  if (typeof settings === 'object' && !Array.isArray(settings)) return settings as Record<string, unknown>;
  throw new MangaError('BAD_SETTING', `msg.settings is ${describe(settings)}.`, 'For example {"motion": "pan"}.');
}

/** What the form and a message ask of a folder of photos. @throws MangaError BAD_INPUT, BAD_SETTING */
export async function folderQuestion(
  RED: Red,
  node: Node,
  config: MetricsConfig,
  message: MangaMessage,
): Promise<FolderQuestion> {
  const { photos = 'payload', photosType = 'msg', camera = false } = config;
  const what = photosType === 'str' ? 'The folder of photos' : `${photosType}.${photos}`;
  const form = Object.entries({ size: config.size, frames: config.frames, seeds: config.seeds });
  const chosen = Object.fromEntries(form.filter(([, value]) => value !== undefined && value !== ''));
  const path = (text = ''): string | null => (text.trim() === '' ? null : userPath(RED, text.trim()));
  const session = config.session ? sessionOf(RED, config.session).options : undefined;
  return {
    photos: folders(RED, await typedValue(RED, node, photos, photosType, message), what),
    pages: path(config.pages),
    features: path(config.features),
    peers: [],
    camera,
    style: path(config.style),
    report: path(config.report),
    engine: session?.engine ?? 'auto',
    model: config.model?.trim() ? modelPath(RED, config.model.trim()) : (session?.model ?? ''),
    ...evaluationSettings(camera, { ...chosen, ...settingsOf(message) }),
  };
}
