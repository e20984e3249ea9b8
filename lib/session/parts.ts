/** What a session is made of: the pipeline, and pictures in and clips out. Given to SessionCore by whoever starts it. */
import type { EngineMemory, EngineName } from '../engines/engine.ts';
import type { FrameSequence, PictureToClip, Pixels, Style } from '../pipeline/types.ts';
import type { OutputSettings } from '../settings/settings.ts';
import type { VideoSettings } from '../video/settings.ts';
import type { TrainingSession } from './training-session.ts';
import type { ClipResult, PictureSource, SessionOptions } from './types.ts';

/** Runs training plans in the session process. */
export interface SessionTrainer extends TrainingSession {
  /** What TensorFlow.js holds while a run goes on, else 0. */
  tensors(): number;
  /** Stops after the step that is running and saves. */
  close(): Promise<void>;
}

/** A network on an engine, ready to run. */
export interface SessionPipeline extends PictureToClip {
  readonly engineName: EngineName;
  /** For people: engine, version, device. */
  readonly description: string;
  readonly modelName: string;
  memory(): EngineMemory;
  close(): Promise<void>;
}

export interface SessionParts {
  /** Absent in sessions that only draw. */
  readonly training?: SessionTrainer;
  openPipeline(options: Pick<SessionOptions, 'engine' | 'model'>): Promise<SessionPipeline>;
  /** Absent in sessions that only draw photos. Frames are drawn when they are rendered, in order. */
  openVideo?(
    path: string,
    settings: VideoSettings,
    drawing: { readonly pipeline: SessionPipeline; readonly style?: Style },
    signal: AbortSignal,
  ): Promise<FrameSequence>;
  decodePicture(source: PictureSource, signal: AbortSignal): Promise<Pixels>;
  writeClip(frames: FrameSequence, output: OutputSettings, signal: AbortSignal): Promise<ClipResult>;
}
