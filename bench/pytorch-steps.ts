/** PyTorch taking training steps beside ours: a child process of a script in bench/pytorch that steps when told. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NetworkConfig } from '../lib/network/config.ts';
import { Skipped } from './bench.ts';

/** Milliseconds of a step's parts, and `total`. */
export type StepTimes = Readonly<Record<string, number> & { total: number }>;

/** Path of a Python that has torch. Not part of this project: whoever wants the comparison names one. */
const PYTHON = 'MOTION_MANGA_PYTHON';

export interface PytorchSettings {
  readonly config: NetworkConfig;
  readonly batch: number;
  readonly side: number;
  readonly threads: number;
  /** Of whole steps: frames a clip, the side of a frame, channels of the discriminator's first layer. */
  readonly frames?: number;
  readonly frame?: number;
  readonly channels?: number;
}

/** 'train_step': of phase A. 'gan_step': of phase C, both players. */
export type PytorchScript = 'train_step' | 'gan_step';

export class PytorchSteps {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly version: string;
  readonly parameters: number;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, version: string, parameters: number) {
    this.#child = child;
    this.#lines = lines;
    this.version = version;
    this.parameters = parameters;
  }

  /** @throws Skipped when no Python is named, or it has no torch */
  static async start(name: PytorchScript, settings: PytorchSettings): Promise<PytorchSteps> {
    const python = process.env[PYTHON];
    if (!python) throw new Skipped(`no baseline: ${PYTHON} does not name a Python that has torch`);
    const script = fileURLToPath(new URL(`./pytorch/${name}.py`, import.meta.url));
    const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (cause) => reject(new Skipped(`no baseline: ${python} does not start (${cause.message})`)));
    });
    // A child that ends early is told by its output's end.
    failed.catch(() => {});
    child.stdin!.on('error', () => {});
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    child.stdin!.write(`${JSON.stringify(settings)}\n`);
    const first = await Promise.race([lines.next(), failed]);
    if (first.done) throw new Skipped(`no baseline: ${python} could not run ${script}`);
    const { version, parameters } = JSON.parse(first.value);
    return new PytorchSteps(child, lines, version, parameters);
  }

  /** Milliseconds of one step and its parts. */
  async step(): Promise<StepTimes> {
    this.#child.stdin!.write('step\n');
    const line = await this.#lines.next();
    if (line.done) throw new Error('PyTorch ended.');
    return JSON.parse(line.value);
  }

  close(): void {
    this.#child.stdin!.end();
  }
}
