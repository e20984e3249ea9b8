import type { EngineName, TensorData } from '../engines/engine.ts';
import type { StillView } from '../motion/still-view.ts';
import type { SceneSettings } from '../scenes/settings.ts';
import type { CameraMove, ClipSettings, DrawSettings, OutputSettings } from '../settings/settings.ts';
import type { VideoSettings } from '../video/settings.ts';

/** What a handle refers to. Nodes check it to report wrong wiring. */
export type HandleKind = 'image' | 'content' | 'style' | 'frames' | 'tensor';

/**
 * A reference to something that lives in the session process. Plain JSON: Node-RED may clone it any number of times.
 * It stays valid until its arena closes or the session restarts (then `generation` no longer matches).
 */
export interface Handle {
  readonly manga: 'handle';
  /** Id of the session (the config node's id, or 'cli'). */
  readonly session: string;
  /** Counts the starts of the session process. */
  readonly generation: number;
  readonly arena: string;
  readonly id: number;
  readonly kind: HandleKind;
  /** Image: [1,H,W,3]. Content: shape of the coarsest features. Frames: [T,H,W,C] with C 1 (grey) or 3. */
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'uint8';
}

export function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && (value as { manga?: unknown }).manga === 'handle';
}

/** Where a picture comes from. `image` is the object of the rosepetal image nodes (8-bit, interleaved). */
export type PictureSource =
  | { readonly path: string }
  | { readonly bytes: Uint8Array; readonly name?: string }
  | {
      readonly image: {
        readonly data: Uint8Array;
        readonly width: number;
        readonly height: number;
        readonly channels: number;
      };
    };

export interface SessionOptions {
  /** The config node's id, or 'cli'. */
  readonly id: string;
  /** 'auto' takes the first that works of onnx, tensorflow, webgpu. */
  readonly engine: EngineName | 'auto';
  /** Device and pixel memory the session may hold, in MB (10^6 bytes). Default 2048. */
  readonly memoryMb: number;
  /** An arena nobody used for this long is closed. Default 30 s. */
  readonly idleSeconds: number;
  /** Calls waiting per session before `call` rejects new ones. Default 64. */
  readonly maxQueued: number;
  /** Folder of a checkpoint; default: the shipped one. */
  readonly model: string;
}

export interface SessionStats {
  readonly engine: string;
  readonly generation: number;
  readonly pid: number;
  readonly arenas: number;
  readonly handles: number;
  readonly bytes: number;
  readonly budgetBytes: number;
  readonly engineTensors: number;
  readonly residentBytes: number;
  /** Calls that run or wait. */
  readonly queued: number;
  /** Of these, calls that wait for the engine or for its start. */
  readonly waiting: number;
}

export interface ClipResult {
  /** The file written, or the folder of PNGs. */
  readonly path: string;
  readonly bytes: number;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly format: string;
  /** 'ffmpeg', 'wasm' or 'sharp': who encoded it. */
  readonly encoder: string;
  readonly milliseconds: { readonly render: number; readonly encode: number; readonly total: number };
  /** Of a picture: the frame that shows it as it stood. */
  readonly still?: StillView;
}

/** What content was made of. */
export interface ContentOrigin {
  /** The photo as it was drawn, as a JPEG. */
  readonly photo: Uint8Array;
  /** The checkpoint that encoded it, as it was set. */
  readonly model: DrawSettings['model'];
}

/** Something of what the network made of a picture. */
export interface InspectedPicture {
  readonly group: 'layers' | 'fields' | 'features';
  /** line, light, dark, black; red, green, blue, flat; disparity, flow-1, …; half, quarter, eighth. */
  readonly name: string;
  /** How values are shown: ink 0 white to 1 black; brightness 0 black to 1 white; maps side by side, each by its own range. */
  readonly scale: 'ink' | 'brightness' | 'colours' | 'disparity' | 'flow' | 'maps';
  /** Lowest and highest value that is shown. */
  readonly low: number;
  readonly high: number;
  readonly maps: number;
  readonly png: Uint8Array;
}

/**
 * What nodes and the command line call. Implemented by SessionCore (in this process) and by SessionHost (a proxy to a
 * child process). Every method rejects with MangaError.
 */
export interface Session {
  /** Starts the engine if it is not running. @returns what runs, for people. */
  start(): Promise<{ engine: EngineName; description: string; model: string }>;
  openArena(label: string): Promise<string>;
  /** Frees all that the arena holds and cancels its running calls (their promises reject CANCELLED). Unknown arenas are ignored. */
  closeArena(arena: string): Promise<void>;
  /** Decodes a picture, upright, sRGB, transparency on white. @returns image handle [1,H,W,3] uint8, and the photo's own size. */
  loadPicture(arena: string, source: PictureSource): Promise<Handle>;
  /** Content features at 1/2, 1/4, 1/8 of the drawing size. @param image handle of kind 'image' */
  encode(image: Handle, settings: DrawSettings): Promise<Handle>;
  /**
   * Style of a page, or of two blended.
   * @param page handle of kind 'image' or 'style', or two of them @param blend share of the second, 0..1, default .5
   * @returns style handle [1,S], in the (first) page's arena
   */
  encodeStyle(page: Handle | readonly Handle[], blend?: number): Promise<Handle>;
  /**
   * Content (+ style) to a sequence. The layers are drawn now; frames are rendered when they are read or written.
   * @param camera one entry a frame; replaces the motion, switches parallax and sway off
   */
  decode(content: Handle, settings: ClipSettings, style?: Handle, camera?: readonly CameraMove[]): Promise<Handle>;
  /**
   * A video file (mp4, gif, animated webp, …) as frames that are drawn one after the other when they are read or written.
   * @param path absolute @returns frames handle in the arena
   */
  openVideo(arena: string, path: string, settings: VideoSettings, style?: Handle): Promise<Handle>;
  /** The same frames once more, in another arena: they live as long as one of the two does. */
  keep(arena: string, frames: Handle): Promise<Handle>;
  /** Several sequences to one, see lib/scenes. Their frames live as long as the result does. @returns frames handle in the arena */
  compose(arena: string, frames: readonly Handle[], settings: SceneSettings): Promise<Handle>;
  /** How many frames of this handle the last {@link writeClip} has rendered so far. */
  framesWritten(frames: Handle): Promise<number>;
  /** Renders and encodes frames to `output.path`, atomically (temporary name, then rename). */
  writeClip(frames: Handle, output: OutputSettings): Promise<ClipResult>;
  /** Copies a handle's content: image or frames as uint8, style and content (coarsest) as float32. `first`/`count` select frames. */
  read(handle: Handle, first?: number, count?: number): Promise<TensorData>;
  /** A PNG of at most maxSide pixels: an image; of frames the `frame`-th; of content a mosaic of its first 16 feature maps. */
  preview(handle: Handle, maxSide: number, frame?: number): Promise<Uint8Array>;
  /** The photo behind content, with sides of at most maxSide pixels: to draw it again when it is freed. */
  origin(content: Handle, maxSide: number): Promise<ContentOrigin>;
  /**
   * Layers, fields and feature maps of a picture, to look at. Nothing of it stays in the session.
   * @param styleStrength how far they follow the style, 0..1, default 1
   */
  inspect(content: Handle, style?: Handle, styleStrength?: number): Promise<InspectedPicture[]>;
  stats(): Promise<SessionStats>;
  /** Frees everything and ends the process. The next call starts a new generation. */
  close(): Promise<void>;
}
