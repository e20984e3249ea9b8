import { computed, onMounted, type Ref, ref, shallowRef, triggerRef } from 'vue';
import { Run } from '../../lib/monitor/run.ts';
import type { Action, RunSnapshot, RunStatus, RunUpdate, Values } from '../../lib/monitor/types.ts';
import { useSocket } from '../common/socket.ts';

/** A run as it is now; a new object after each change. */
export interface Now {
  readonly status: RunStatus;
  readonly values: Values;
  readonly run: Run;
}

export interface ShownRuns {
  /** Every run the server knows, newest first. */
  readonly all: Readonly<Ref<readonly RunStatus[]>>;
  readonly newest: Readonly<Ref<Now | undefined>>;
  /** Runs whose curves are drawn, newest first; a new list after each change. */
  readonly drawn: Readonly<Ref<readonly Run[]>>;
  readonly isDrawn: (id: string) => boolean;
  /** Before the server's first answer. */
  readonly loading: Readonly<Ref<boolean>>;
  readonly unreachable: Readonly<Ref<boolean>>;
  /** Draws a run's curves, or hides them. */
  toggle(id: string): void;
  send(action: Action): void;
}

/** The runs of one monitor: read once, then kept up to date by the socket. */
export function useRuns(id: string, url: string): ShownRuns {
  const statuses = shallowRef<readonly RunStatus[]>([]);
  const runs = shallowRef(new Map<string, Run>());
  const hidden = shallowRef(new Set<string>());
  const loading = ref(true);
  const unreachable = ref(false);
  /** What arrives while the server is asked. */
  let early: RunUpdate[] | undefined;
  let asked = 0;

  async function fetchJson<T>(path: string): Promise<T> {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return (await response.json()) as T;
  }

  const loadRun = async (run: string): Promise<Run> =>
    new Run(await fetchJson<RunSnapshot>(`/runs/${encodeURIComponent(run)}`));

  async function load(): Promise<void> {
    early ??= [];
    const question = ++asked;
    try {
      const list = (await fetchJson<RunStatus[]>('/runs')).reverse();
      const wanted = list.filter((status, index) => index === 0 || runs.value.has(status.id));
      const loaded = await Promise.all(wanted.map((status) => loadRun(status.id)));
      // A newer question is under way: connected again meanwhile.
      if (question !== asked) return;
      statuses.value = list;
      runs.value = new Map(loaded.map((run) => [run.status.id, run]));
      unreachable.value = false;
    } catch {
      if (question !== asked) return;
      unreachable.value = true;
    }
    loading.value = false;
    const missed = early ?? [];
    early = undefined;
    for (const update of missed) take(update);
  }

  function take(update: RunUpdate): void {
    if (early) {
      early.push(update);
      return;
    }
    const { status } = update;
    const before = statuses.value.find((each) => each.id === status.id);
    // It is in what was read.
    if (before && before.updated >= status.updated) return;
    statuses.value = [status, ...statuses.value.filter((each) => each.id !== status.id)];
    if (!before) runs.value.set(status.id, Run.begin({ ...status, step: 0 }));
    runs.value.get(status.id)?.take(update);
    triggerRef(runs);
  }

  async function toggle(run: string): Promise<void> {
    if (!runs.value.has(run)) {
      const loaded = await loadRun(run);
      runs.value.set(run, loaded);
    } else if (!hidden.value.delete(run)) hidden.value.add(run);
    triggerRef(hidden);
    triggerRef(runs);
  }

  const isDrawn = (run: string): boolean => runs.value.has(run) && !hidden.value.has(run);
  const send = useSocket<RunUpdate>(id, take, () => void load());
  onMounted(load);

  return {
    all: statuses,
    newest: computed(() => {
      const [status] = statuses.value;
      const run = status && runs.value.get(status.id);
      return run && { status, run, values: run.values };
    }),
    drawn: computed(() => statuses.value.filter(({ id }) => isDrawn(id)).map(({ id }) => runs.value.get(id)!)),
    isDrawn,
    loading,
    unreachable,
    toggle: (run) =>
      void toggle(run).catch(() => {
        unreachable.value = true;
      }),
    send: (action) => send({ action }),
  };
}
