import type { EngineName, TensorData } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import type { FrameSequence } from '../pipeline/types.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../plan/types.ts';
import { composeScene } from '../scenes/compose-scene.ts';
import { type SceneSettings, sceneSchema } from '../scenes/settings.ts';
import {
  type CameraMove,
  type ClipSettings,
  cameraSchema,
  clipSchema,
  type DrawSettings,
  drawSchema,
  type OutputSettings,
  outputSchema,
  parseSettings,
} from '../settings/settings.ts';
import { type VideoSettings, videoSchema } from '../video/settings.ts';
import type { ArenaStore, Item } from './arena-store.ts';
import { holding, renderedBy, viewOf } from './holding.ts';
import { inspectPictures } from './inspect-pictures.ts';
import { Lane } from './lane.ts';
import { LazyPipeline } from './lazy-pipeline.ts';
import type { SessionParts, SessionPipeline, SessionTrainer } from './parts.ts';
import { rasterOf, toJpeg, toPng } from './preview.ts';
import { readThing } from './read-thing.ts';
import { Things } from './things.ts';
import type { TrainingAction, TrainingSession } from './training-session.ts';
import type { ClipResult, Handle, PictureSource, Session, SessionOptions, SessionStats } from './types.ts';

/** Pictures decoded at the same time: their memory is known only afterwards. */
const DECODING_WIDTH = 2;

/**
 * A session in this process. The engine does one thing at a time, in the order of the calls; pictures are decoded and
 * clips encoded beside it. Each method that works on a picture takes an optional signal that cancels it.
 */
export class SessionCore implements Session, TrainingSession {
  readonly #options: SessionOptions;
  readonly #parts: SessionParts;
  readonly #engine = new Lane(1);
  readonly #decoding = new Lane(DECODING_WIDTH);
  #things: Things;
  readonly #pipeline: LazyPipeline;
  #closing: Promise<void> | undefined;
  readonly #written = new WeakMap<FrameSequence, number>();

  /** @param generation of the first arenas; each {@link close} adds one */
  constructor(options: SessionOptions, parts: SessionParts, generation = 1) {
    this.#options = options;
    this.#parts = parts;
    this.#pipeline = new LazyPipeline(() => parts.openPipeline(options));
    this.#things = new Things(options, generation, () => this.#pipeline.current?.memory().bytes ?? 0);
  }

  get #store(): ArenaStore {
    return this.#things.store;
  }

  async start(): Promise<{ engine: EngineName; description: string; model: string }> {
    await this.#closing;
    const pipeline = await this.#pipeline.open();
    return { engine: pipeline.engineName, description: pipeline.description, model: pipeline.modelName };
  }

  async openArena(_label: string): Promise<string> {
    await this.#closing;
    return this.#store.open();
  }

  async closeArena(arena: string): Promise<void> {
    await this.#store.close(arena, 'closed');
  }

  async loadPicture(arenaId: string, source: PictureSource, signal?: AbortSignal): Promise<Handle> {
    const arena = this.#things.arena(arenaId);
    return this.#things.during([arena], [], signal, async (signal) => {
      const pixels = await this.#decoding.run(() => this.#parts.decodePicture(source, signal), signal);
      return this.#things.put(arena, { kind: 'image', pixels }, [1, pixels.height, pixels.width, 3], 'uint8', signal);
    });
  }

  async encode(image: Handle, settings: DrawSettings, signal?: AbortSignal): Promise<Handle> {
    const draw = parseSettings(drawSchema, settings);
    const item = this.#things.find(image, 'The encoder', 'image');
    const { pixels } = item.thing;
    return this.#onEngine(item, [], signal, async (pipeline, signal) => {
      const clipBytes = pipeline.estimateBytes(pixels.width, pixels.height, draw);
      const release = this.#store.reserve(clipBytes);
      const content = await pipeline.encode(pixels, draw).finally(release);
      const thing = { kind: 'content', content, model: draw.model, clipBytes } as const;
      return this.#things.put(item.arena, thing, content.shape, 'float32', signal);
    });
  }

  async encodeStyle(page: Handle | readonly Handle[], blend?: number, signal?: AbortSignal): Promise<Handle> {
    const [item, ...others] = [page].flat().map((one) => this.#things.find(one, 'The style encoder', 'image', 'style'));
    if (!item) throw new MangaError('BAD_INPUT', 'No style page was given.', 'Give one page, or two to blend.');
    return this.#onEngine(item, others, signal, async (pipeline, signal) => {
      const pages = [item, ...others].map(({ thing }) => (thing.kind === 'image' ? thing.pixels : thing.style));
      const style = await pipeline.encodeStyle(pages, blend);
      return this.#things.put(item.arena, { kind: 'style', style }, style.shape, 'float32', signal);
    });
  }

  async decode(
    content: Handle,
    settings: ClipSettings,
    style?: Handle,
    camera?: readonly CameraMove[],
    signal?: AbortSignal,
  ): Promise<Handle> {
    const clip = parseSettings(clipSchema, settings);
    const moves = camera && parseSettings(cameraSchema, camera);
    const item = this.#things.find(content, 'The decoder', 'content');
    const page = style && this.#things.find(style, "The decoder's style input", 'style');
    return this.#onEngine(item, page ? [page] : [], signal, async (pipeline, signal) => {
      const source = item.thing.content;
      const release = this.#store.reserve(Math.max(0, item.thing.clipBytes - source.byteLength));
      const frames = await pipeline.decode(source, clip, page?.thing.style, moves).finally(release);
      return this.#things.put(item.arena, { kind: 'frames', frames }, frames.shape, 'uint8', signal);
    });
  }

  async openVideo(
    arenaId: string,
    path: string,
    settings: VideoSettings,
    style?: Handle,
    signal?: AbortSignal,
  ): Promise<Handle> {
    const video = parseSettings(videoSchema, settings);
    const page = style && this.#things.find(style, "The video's style input", 'style');
    const open = this.#parts.openVideo;
    if (!open) throw new MangaError('ENGINE_MISSING', 'This session does not draw videos.');
    return this.#assemble(arenaId, page ? [page] : [], signal, async (signal) =>
      open(path, video, { pipeline: await this.#pipeline.open(), style: page?.thing.style }, signal),
    );
  }

  async keep(arenaId: string, frames: Handle, signal?: AbortSignal): Promise<Handle> {
    const item = this.#things.find(frames, 'Keeping', 'frames');
    return this.#assemble(arenaId, [item], signal, async () => viewOf(item.thing.frames));
  }

  async compose(
    arenaId: string,
    frames: readonly Handle[],
    settings: SceneSettings,
    signal?: AbortSignal,
  ): Promise<Handle> {
    const scene = parseSettings(sceneSchema, settings);
    const items = frames.map((each) => this.#things.find(each, 'The scene', 'frames'));
    return this.#assemble(arenaId, items, signal, async () =>
      composeScene(
        items.map(({ thing }) => thing.frames),
        scene,
      ),
    );
  }

  /** Frames made of `items`, which live as long as the frames do. */
  #assemble(
    arenaId: string,
    items: readonly Item[],
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<FrameSequence>,
  ): Promise<Handle> {
    const arena = this.#things.arena(arenaId);
    return this.#things.during([arena, ...items.map((item) => item.arena)], [...items], signal, async (signal) => {
      const made = await work(signal);
      const frames = holding(made, this.#store.hold(items));
      return this.#things.put(arena, { kind: 'frames', frames }, frames.shape, 'uint8', signal);
    });
  }

  async framesWritten(handle: Handle): Promise<number> {
    return this.#written.get(this.#things.find(handle, 'Progress', 'frames').thing.frames) ?? 0;
  }

  async writeClip(handle: Handle, output: OutputSettings, signal?: AbortSignal): Promise<ClipResult> {
    const settings = parseSettings(outputSchema, output);
    const item = this.#things.find(handle, 'The clip writer', 'frames');
    return this.#things.during([item.arena], [item], signal, (signal) =>
      this.#parts.writeClip(this.#inTurn(item.thing.frames, signal), settings, signal),
    );
  }

  async read(handle: Handle, first = 0, count?: number, signal?: AbortSignal): Promise<TensorData> {
    const item = this.#things.find(handle, 'Reading', 'image', 'content', 'style', 'frames');
    const { thing } = item;
    return this.#things.during([item.arena], [item], signal, (signal) =>
      this.#engine.run(() => readThing(thing, first, count), signal),
    );
  }

  async preview(handle: Handle, maxSide: number, frame = 0, signal?: AbortSignal): Promise<Uint8Array> {
    const item = this.#things.find(handle, 'The preview', 'image', 'frames', 'content');
    const { thing } = item;
    return this.#things.during([item.arena], [item], signal, async (signal) => {
      // A photo needs no engine to be looked at.
      const read = (): Promise<TensorData> => readThing(thing, frame, 1);
      return toPng(rasterOf(thing.kind === 'image' ? await read() : await this.#engine.run(read, signal)), maxSide);
    });
  }

  async origin(handle: Handle, maxSide: number): ReturnType<Session['origin']> {
    const { content, model } = this.#things.find(handle, 'The origin', 'content').thing;
    return { photo: await toJpeg(content.picture, maxSide), model };
  }

  async inspect(
    content: Handle,
    style?: Handle,
    strength?: number,
    signal?: AbortSignal,
  ): ReturnType<Session['inspect']> {
    const item = this.#things.find(content, 'Looking inside', 'content');
    const page = style && this.#things.find(style, "The decoder's style input", 'style');
    const inspection = await this.#onEngine(item, page ? [page] : [], signal, (pipeline) =>
      pipeline.inspect(item.thing.content, page?.thing.style, strength),
    );
    return inspectPictures(inspection);
  }

  async startTraining(plan: Plan, settings: TrainerSettings): Promise<void> {
    await this.#trainer().startTraining(plan, settings);
  }

  async controlTraining(action: TrainingAction): Promise<void> {
    await this.#trainer().controlTraining(action);
  }

  async trainingReport(): Promise<TrainingReport> {
    return this.#trainer().trainingReport();
  }

  #trainer(): SessionTrainer {
    if (this.#parts.training) return this.#parts.training;
    throw new MangaError('ENGINE_MISSING', 'This session does not train.');
  }

  /** Frees what nothing used for two seconds, as memory pressure would. @returns the number of arenas */
  async releaseIdle(): Promise<number> {
    return this.#store.closeIdle();
  }

  async stats(): Promise<SessionStats> {
    return {
      engine: this.#pipeline.current?.description ?? 'not started',
      generation: this.#things.generation,
      pid: process.pid,
      arenas: this.#store.arenas,
      handles: this.#store.items,
      bytes: this.#store.bytes,
      budgetBytes: this.#options.memoryMb * 1e6,
      // TensorFlow.js counts a process's tensors, whoever made them.
      engineTensors: Math.max(this.#pipeline.current?.memory().tensors ?? 0, this.#parts.training?.tensors() ?? 0),
      residentBytes: process.memoryUsage.rss(),
      queued: this.#store.runningCalls,
      waiting: this.#engine.waiting,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    await this.#store.closeAll(new MangaError('SESSION_CLOSED', 'The session was closed.', 'Send the picture again.'));
    await this.#parts.training?.close();
    const pipeline = await this.#pipeline.take();
    this.#things = this.#things.next();
    await pipeline?.close();
  }

  /** Work for `item`'s arena, on the engine, in turn. */
  #onEngine<R>(
    item: Item,
    others: Item[],
    signal: AbortSignal | undefined,
    work: (pipeline: SessionPipeline, signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    const used = [item, ...others];
    return this.#things.during([...new Set(used.map(({ arena }) => arena))], used, signal, async (signal) => {
      const pipeline = await this.#pipeline.open();
      return this.#engine.run(() => work(pipeline, signal), signal);
    });
  }

  /** The sequence as the clip writer sees it: it renders in turn with other work on the engine, until cancelled. */
  #inTurn(frames: FrameSequence, signal: AbortSignal): FrameSequence {
    return renderedBy(frames, async (first, count) => {
      const rendered = await this.#engine.run(() => frames.render(first, count, signal), signal);
      this.#written.set(frames, first + count);
      return rendered;
    });
  }
}
