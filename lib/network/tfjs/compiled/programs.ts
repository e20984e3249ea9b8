import type * as core from '@tensorflow/tfjs-core';
import { tensorflowOf } from '../tensorflow.ts';
import { difference } from './difference.ts';
import { GraphSession, type Made } from './graph-session.ts';
import { type Recording, record, variablesOf } from './recording.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;
type Tensors = Readonly<Record<string, T>>;

/**
 * Runs functions of tensors: as they are, or, on TensorFlow on a processor, as compiled graphs. What such a function may do:
 * read its inputs, variables, and tensors that never change; assign variables; return tensors by name. It must not read values
 * back, draw random numbers, or use numbers of the host that change under the same key: it is not called any more once compiled.
 */
export interface Programs {
  /**
   * @param key the same for calls that run the same operations; shapes of inputs are looked at beside it
   * @param inputs by name; stay the caller's
   * @returns what the function returned; the caller owns it
   */
  run(key: string, inputs: Tensors, body: () => Tensors): Tensors;
  dispose(): void;
}

/** @param tell hears why something runs uncompiled that should not */
export function openPrograms(tf: Tf, tell = (message: string): void => process.emitWarning(message)): Programs {
  return tensorflowOf(tf)?.onProcessor ? new CompiledPrograms(tf, tell) : new EagerPrograms(tf);
}

/** For what must stay eager. */
export class EagerPrograms implements Programs {
  readonly #tf: Tf;

  constructor(tf: Tf) {
    this.#tf = tf;
  }

  run(_key: string, _inputs: Tensors, body: () => Tensors): Tensors {
    return this.#tf.tidy(() => ({ ...body() }));
  }

  dispose(): void {}
}

interface Program {
  readonly session: GraphSession;
  /** Of the first call, until another was the same: what differs then would have been frozen. */
  recording: Recording | null;
}

/** How far a graph's results may be from those of the same operations one by one, relative to their size. */
const TOLERANCE = 1e-3;
/** Of a value itself, relative: a change may be smaller than that. */
const ROUNDING = 1e-6;
/** As TOLERANCE, for the changes of all variables together: Adam makes whole steps even of gradients that are rounding errors. */
const CHANGE_TOLERANCE = 0.1;

/**
 * The first call runs the function and records it; from then on, the graph runs. Results are the graph's from the first call,
 * so that a run that is taken up again gets the same numbers. The first two calls are compared with the function itself.
 */
class CompiledPrograms implements Programs {
  readonly #tf: Tf;
  readonly #tell: (message: string) => void;
  /** Null: to be run as it is. */
  readonly #programs = new Map<string, Program | null>();

  constructor(tf: Tf, tell: (message: string) => void) {
    this.#tf = tf;
    this.#tell = tell;
  }

  run(key: string, inputs: Tensors, body: () => Tensors): Tensors {
    const shapes = Object.entries(inputs).map(([name, { shape, dtype }]) => `${name} ${dtype} ${shape}`);
    const signature = [key, ...shapes].join('|');
    const program = this.#programs.get(signature);
    if (program && !program.recording) return this.#take(program.session.run(inputs));
    if (program !== null) {
      const made = this.#try(signature, inputs, body);
      if (made) return this.#take(made);
    }
    return this.#tf.tidy(() => ({ ...body() }));
  }

  #take({ outputs, assigned }: Made): Tensors {
    for (const [variable, value] of assigned) {
      variable.assign(value);
      value.dispose();
    }
    return outputs;
  }

  /** Records, and runs the graph beside. @returns null when the graph is not to be trusted; nothing is assigned then */
  #try(signature: string, inputs: Tensors, body: () => Tensors): Made | null {
    const tf = this.#tf;
    let made: Made | undefined;
    try {
      return tf.tidy(() => {
        const before = new Map(variablesOf(tf).map((variable) => [variable, tf.clone(variable)] as const));
        let recorded: ReturnType<typeof record>;
        const after = new Map<core.Variable, T>();
        try {
          recorded = record(tf, inputs, body);
          for (const variable of recorded.recording.assigned.keys()) after.set(variable, tf.clone(variable));
        } finally {
          for (const [variable, value] of before) if (variable.dataId !== value.dataId) variable.assign(value);
        }
        const known = this.#programs.get(signature);
        const program = known ?? this.#compile(signature, recorded.recording);
        const differing = known ? difference(known.recording!, recorded.recording) : '';
        if (differing) throw new Error(differing);
        made = program.session.run(inputs);
        const names = Object.keys(recorded.results);
        const results = names.map((name) => distanceOf(made!.outputs[name]!, recorded.results[name]!));
        const changes = [...after].map(([variable, value]) =>
          distanceOf(made!.assigned.get(variable)!, value, tf.sub(value, before.get(variable)!)),
        );
        for (const [i, result] of results.entries()) check(names[i]!, [result], TOLERANCE);
        check('what is assigned', changes, CHANGE_TOLERANCE);
        const isComplete = known && [...results, ...changes].every(({ size }) => Number.isFinite(size));
        if (isComplete) program.recording = null;
        return made as unknown as core.TensorContainer;
      }) as unknown as Made;
    } catch (error) {
      if (made) tf.dispose([...Object.values(made.outputs), ...made.assigned.values()]);
      this.#programs.get(signature)?.session.dispose();
      this.#programs.set(signature, null);
      this.#tell(`Training runs uncompiled (${signature.split('|')[0]}): ${(error as Error).message}.`);
      return null;
    }
  }

  #compile(signature: string, recording: Recording): Program {
    const program = { recording, session: new GraphSession(this.#tf, recording) };
    this.#programs.set(signature, program);
    return program;
  }

  dispose(): void {
    for (const program of this.#programs.values()) program?.session.dispose();
    this.#programs.clear();
  }
}

/** Squares of Euclidean lengths. */
interface Distance {
  /** Of the difference. */
  readonly distance: number;
  /** Of what it is measured by. */
  readonly length: number;
  /** Of the value itself; no finite number in a step that broke, which proves nothing. */
  readonly size: number;
}

/** @param by what the difference is measured by */
function distanceOf(actual: T, expected: T, by: T = expected): Distance {
  const [a, b, c] = [actual, expected, by].map((tensor) => tensor.dataSync());
  let [distance, length, size] = [0, 0, 0];
  for (let i = 0; i < b!.length; i++) {
    distance += (a![i]! - b![i]!) ** 2;
    length += c![i]! ** 2;
    size += b![i]! ** 2;
  }
  return { distance, length, size };
}

/** @throws Error when the difference of all together is more than a share of what it is measured by */
function check(name: string, all: readonly Distance[], tolerance: number): void {
  const sum = (key: keyof Distance) => all.reduce((total, values) => total + values[key], 0);
  const size = sum('size');
  if (!Number.isFinite(size)) return;
  const found = Math.sqrt(sum('distance'));
  const allowed = tolerance * Math.sqrt(sum('length')) + ROUNDING * Math.sqrt(size) + Number.MIN_VALUE;
  if (!(found <= allowed)) throw new Error(`${name} differs by ${found} where ${allowed} is allowed`);
}
