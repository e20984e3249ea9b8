import { MangaError } from '../../lib/errors/manga-error.ts';
import { sceneSchema } from '../../lib/scenes/settings.ts';
import type { Handle } from '../../lib/session/types.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { type ClipConfig, clipSettings, modelOf, styleOf } from '../clip-settings.ts';
import { contextOf, describe, type MangaMessage, timed } from '../message.ts';
import type { Node, Red } from '../red.ts';
import { onInput, type WorkResult } from '../work.ts';
import { panelOf, type Sheet } from './panels.ts';

/** The fields of a clip, and `entrance` and `ending`, are absent in flows of earlier versions, but for `frames`. */
interface SceneNodeConfig extends Omit<ClipConfig, 'direction' | 'directionType' | 'canvas' | 'sizeType'> {
  readonly layout: string;
  readonly transition: string;
  readonly transitionSeconds: string;
  readonly direction: string;
  readonly border: string;
  readonly stagger: string;
  readonly entrance: string;
  readonly ending: string;
  readonly model: string;
  readonly modelType: string;
  /** `direction` is the reading order. */
  readonly motionDirection: string;
  readonly motionDirectionType: string;
}

/** As the core's split node writes it. */
interface Parts {
  readonly id: string;
  readonly index: number;
  readonly count: number;
}

interface Collection {
  readonly sheet: Promise<Sheet>;
  readonly panels: Map<number, Handle>;
}

/** Collections that wait for panels at the same time; the oldest is given up for a new one. */
const MOST_WAITING = 16;

function partsOf(message: MangaMessage): Parts | undefined {
  const parts = message.parts as Partial<Record<keyof Parts, unknown>> | undefined;
  if (typeof parts !== 'object' || parts === null) return undefined;
  const { id, index, count } = parts;
  const whole = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
  if (typeof id === 'string' && whole(index) && whole(count) && index < count) return { id, index, count };
  throw new MangaError(
    'BAD_WIRING',
    'msg.parts does not say which of how many panels this is.',
    'Wire a split node in front, or send an array of frames handles or paths.',
  );
}

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-scene', function (this: Node, config: SceneNodeConfig) {
    RED.nodes.createNode(this, config);
    const waiting = new Map<string, Collection>();

    onInput(RED, this, async (work) => {
      const { message } = work;
      const session = work.session(config.session);
      const settings = parseSettings(sceneSchema, config);
      const { motionDirection: direction, motionDirectionType: directionType, ...rest } = config;
      const form = { ...rest, direction, directionType, size: '', sizeType: 'str', canvas: '' };
      const model = await modelOf(RED, this, config, message);
      const clip = { ...(await clipSettings(RED, this, form, message)), model };
      const open = async (count: number): Promise<Sheet> => {
        const arena = await session.openArena('scene');
        const style = await styleOf(RED, this, config, work, session, arena, clip.styleBlend);
        return { session, sessionId: config.session, arena, count, settings, style };
      };
      const compose = async (sheet: Sheet, panels: readonly Handle[]): Promise<WorkResult> => {
        const frames = await timed(message, 'scene', () => session.compose(sheet.arena, panels, settings));
        const { timings, outName } = contextOf(message);
        message.manga = { session: config.session, arena: sheet.arena, outName: outName ?? 'scene', timings };
        message.payload = frames;
        delete message.parts;
        return { message, text: `${frames.shape[0]} × ${frames.shape[2]}×${frames.shape[1]}` };
      };

      if (Array.isArray(message.payload)) {
        const list: readonly unknown[] = message.payload;
        if (list.length === 0)
          throw new MangaError('BAD_INPUT', 'msg.payload is an empty array.', 'Send at least one panel.');
        const sheet = await open(list.length);
        const panels: Handle[] = [];
        for (const [index, value] of list.entries())
          panels.push(await panelOf(RED, sheet, clip, value, index, `msg.payload[${index}]`));
        return compose(sheet, panels);
      }

      const parts = partsOf(message);
      if (!parts) {
        throw new MangaError(
          'BAD_WIRING',
          `msg.payload is ${describe(message.payload)}, and there is no msg.parts.`,
          'Send an array of frames handles or paths, or wire a split node before the nodes that draw.',
        );
      }
      const collection = waiting.get(parts.id) ?? { sheet: open(parts.count), panels: new Map() };
      if (!waiting.has(parts.id) && waiting.size >= MOST_WAITING) waiting.delete(waiting.keys().next().value!);
      waiting.set(parts.id, collection);
      try {
        const sheet = await collection.sheet;
        const panel = await panelOf(RED, sheet, clip, message.payload, parts.index, 'msg.payload');
        collection.panels.set(parts.index, panel);
        const { size: arrived } = collection.panels;
        if (arrived < parts.count) {
          return { message: null, text: RED._('status.waiting', { arrived, of: parts.count }) };
        }
        waiting.delete(parts.id);
        const inOrder = Array.from({ length: parts.count }, (_, index) => collection.panels.get(index)!);
        return await compose(sheet, inOrder);
      } catch (error) {
        // One panel that fails is a scene that fails: the next message with this id begins anew.
        if (waiting.get(parts.id) === collection) waiting.delete(parts.id);
        throw error;
      }
    });
    this.on('close', (_removed, done) => {
      waiting.clear();
      done();
    });
  });
}
