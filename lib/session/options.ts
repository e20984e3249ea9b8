import * as z from 'zod';
import type { SessionOptions } from './types.ts';

/** What a user can set about a session. `model: ''` takes the shipped checkpoint. */
export const sessionSchema = z.object({
  id: z.string().min(1).default('cli'),
  engine: z.enum(['auto', 'onnx', 'tensorflow', 'webgpu']).default('auto'),
  /** MB of 10^6 bytes. */
  memoryMb: z.coerce.number().min(1).max(1_000_000).default(2048),
  /** At most a day: timers of Node take no more than 24 days. */
  idleSeconds: z.coerce.number().min(0.05).max(86_400).default(30),
  maxQueued: z.coerce.number().int().min(1).max(100_000).default(64),
  model: z.string().default(''),
}) satisfies z.ZodType<SessionOptions>;
