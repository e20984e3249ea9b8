import type { Bench } from './bench.ts';

/** Every bench by name, in the order in which they run. Loaded only where it runs: each has a process of its own. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  'clip-512': async () => (await import('./benches/clip.ts')).clip512,
  'clip-1080': async () => (await import('./benches/clip.ts')).clip1080,
  'frame-256': async () => (await import('./benches/frame.ts')).frame256,
  'frame-512': async () => (await import('./benches/frame.ts')).frame512,
  'effects-512': async () => (await import('./benches/effects.ts')).effects512,
  draw: async () => (await import('./benches/draw.ts')).draw,
  'versus-animegan': async () => (await import('./benches/versus-animegan.ts')).versusAnimegan,
  'event-loop': async () => (await import('./benches/event-loop.ts')).eventLoop,
  'event-loop-node-red': async () => (await import('./benches/event-loop-node-red.ts')).eventLoopNodeRed,
  'hotfolder-20k': async () => (await import('./benches/hotfolder-20k.ts')).hotfolder20k,
  'hotfolder-20k-node-red': async () => (await import('./benches/hotfolder-20k-node-red.ts')).hotfolder20kNodeRed,
  'queue-workers': async () => (await import('./benches/queue-workers.ts')).queueWorkers,
  memory: async () => (await import('./benches/memory.ts')).memory,
  'train-step': async () => (await import('./benches/train-step.ts')).trainStep,
  'train-gan': async () => (await import('./benches/train-gan.ts')).trainGan,
  'monitor-long-run': async () => (await import('../dashboard/bench/long-run.ts')).monitorLongRun,
  'training-viewers': async () => (await import('../dashboard/bench/training-viewers.ts')).trainingViewers,
};
