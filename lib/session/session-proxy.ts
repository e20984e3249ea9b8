import type { EngineName, TensorData } from '../engines/engine.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../plan/types.ts';
import type { SceneSettings } from '../scenes/settings.ts';
import type { CameraMove, ClipSettings, DrawSettings, OutputSettings } from '../settings/settings.ts';
import type { VideoSettings } from '../video/settings.ts';
import type { Method } from './methods.ts';
import type { TrainingAction, TrainingSession } from './training-session.ts';
import {
  type ClipResult,
  type ContentOrigin,
  type Handle,
  type InspectedPicture,
  isHandle,
  type PictureSource,
  type Session,
  type SessionStats,
} from './types.ts';

/** The methods of a session as calls to somewhere else. */
export abstract class SessionProxy implements Session, TrainingSession {
  /** @param subject what the call works on: the id of an arena, or a handle; undefined: nothing of an arena */
  protected abstract call(method: Method, args: readonly unknown[], subject?: unknown): Promise<unknown>;
  abstract closeArena(arena: string): Promise<void>;
  abstract stats(): Promise<SessionStats>;
  abstract close(): Promise<void>;

  start(): Promise<{ engine: EngineName; description: string; model: string }> {
    return this.call('start', []) as ReturnType<Session['start']>;
  }

  openArena(label: string): Promise<string> {
    return this.call('openArena', [label]) as Promise<string>;
  }

  loadPicture(arena: string, source: PictureSource): Promise<Handle> {
    return this.call('loadPicture', [arena, source], arena) as Promise<Handle>;
  }

  encode(image: Handle, settings: DrawSettings): Promise<Handle> {
    return this.call('encode', [image, settings], image) as Promise<Handle>;
  }

  encodeStyle(page: Handle | readonly Handle[], blend?: number): Promise<Handle> {
    const first = isHandle(page) ? page : page[0]!;
    return this.call('encodeStyle', [page, blend], first) as Promise<Handle>;
  }

  decode(content: Handle, settings: ClipSettings, style?: Handle, camera?: readonly CameraMove[]): Promise<Handle> {
    return this.call('decode', [content, settings, style, camera], content) as Promise<Handle>;
  }

  openVideo(arena: string, path: string, settings: VideoSettings, style?: Handle): Promise<Handle> {
    return this.call('openVideo', [arena, path, settings, style], arena) as Promise<Handle>;
  }

  keep(arena: string, frames: Handle): Promise<Handle> {
    return this.call('keep', [arena, frames], arena) as Promise<Handle>;
  }

  compose(arena: string, frames: readonly Handle[], settings: SceneSettings): Promise<Handle> {
    return this.call('compose', [arena, frames, settings], arena) as Promise<Handle>;
  }

  framesWritten(frames: Handle): Promise<number> {
    return this.call('framesWritten', [frames], frames) as Promise<number>;
  }

  writeClip(frames: Handle, output: OutputSettings): Promise<ClipResult> {
    return this.call('writeClip', [frames, output], frames) as Promise<ClipResult>;
  }

  read(handle: Handle, first?: number, count?: number): Promise<TensorData> {
    return this.call('read', [handle, first, count], handle) as Promise<TensorData>;
  }

  startTraining(plan: Plan, settings: TrainerSettings): Promise<void> {
    return this.call('startTraining', [plan, settings]) as Promise<void>;
  }

  controlTraining(action: TrainingAction): Promise<void> {
    return this.call('controlTraining', [action]) as Promise<void>;
  }

  trainingReport(): Promise<TrainingReport> {
    return this.call('trainingReport', []) as Promise<TrainingReport>;
  }

  preview(handle: Handle, maxSide: number, frame?: number): Promise<Uint8Array> {
    return this.call('preview', [handle, maxSide, frame], handle) as Promise<Uint8Array>;
  }

  origin(content: Handle, maxSide: number): Promise<ContentOrigin> {
    return this.call('origin', [content, maxSide], content) as Promise<ContentOrigin>;
  }

  inspect(content: Handle, style?: Handle, styleStrength?: number): Promise<InspectedPicture[]> {
    return this.call('inspect', [content, style, styleStrength], content) as Promise<InspectedPicture[]>;
  }
}

/** @returns the arena of a call's subject, if it is one of the session's */
export function arenaOf(subject: unknown, session: string): string | undefined {
  if (typeof subject === 'string') return subject;
  return isHandle(subject) && subject.session === session ? subject.arena : undefined;
}
