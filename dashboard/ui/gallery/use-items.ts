import { onMounted, onUnmounted, type Ref, ref, shallowRef, watch } from 'vue';
import type { ClipEntry } from '../../lib/gallery/clips.ts';
import type { Press } from '../../lib/gallery/read-action.ts';
import { useSocket } from '../common/socket.ts';
import { type Addresses, itemsOf } from './items.ts';
import type { Folder, Item, Job, JobState } from './types.ts';

export type Filter = 'all' | 'clips' | 'queue' | 'failed';

const STATES: Record<Filter, readonly JobState[]> = {
  all: [],
  clips: ['done'],
  queue: ['waiting', 'running'],
  failed: ['failed', 'cancelled'],
};

/** Jobs asked for at first, and more with each press of 'show more'. */
const PAGE = 48;
/** A page that is looked at asks again so often; answers that did not change are empty. */
const ASK_MS = 2000;

export interface Gallery {
  readonly folders: Readonly<Ref<readonly Folder[]>>;
  readonly items: Readonly<Ref<readonly Item[]>>;
  /** There may be more than what is shown. */
  readonly more: Readonly<Ref<boolean>>;
  readonly loading: Readonly<Ref<boolean>>;
  readonly unreachable: Readonly<Ref<boolean>>;
  showMore(): void;
  press(press: Press): void;
}

export function useItems(id: string, addresses: Addresses, filter: Ref<Filter>): Gallery {
  const folders = shallowRef<readonly Folder[]>([]);
  const items = shallowRef<readonly Item[]>([]);
  const more = ref(false);
  const loading = ref(true);
  const unreachable = ref(false);
  const limit = ref(PAGE);
  let asking: Promise<void> | undefined;
  let again = false;

  async function fetchJson<T>(address: string): Promise<T> {
    const response = await fetch(address, { cache: 'no-cache' });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return (await response.json()) as T;
  }

  /** @returns none where the main package is not installed */
  async function readFolders(): Promise<Folder[]> {
    const response = await fetch(`${addresses.site}motion-manga/hot-folders`, { cache: 'no-cache' });
    const isJson = response.headers.get('content-type')?.includes('json');
    return response.ok && isJson ? ((await response.json()) as Folder[]) : [];
  }

  async function ask(): Promise<void> {
    const states = STATES[filter.value];
    try {
      const [list, clips] = await Promise.all([readFolders(), fetchJson<ClipEntry[]>(`${addresses.url}/clips`)]);
      const query = `limit=${limit.value}${states.length > 0 ? `&state=${states.join(',')}` : ''}`;
      const answers = await Promise.all(
        list.map(async (folder) => {
          const address = `${addresses.site}motion-manga/hot-folders/${encodeURIComponent(folder.node)}/jobs?${query}`;
          const { state, jobs } = await fetchJson<{ state: Folder['state']; jobs: Job[] }>(address);
          return { folder: { ...folder, state }, jobs };
        }),
      );
      const wanted = (item: Item): boolean => states.length === 0 || states.includes(item.state);
      folders.value = answers.map(({ folder }) => folder);
      const found = itemsOf({ folders: answers, clips }, addresses).filter(wanted);
      if (JSON.stringify(found) !== JSON.stringify(items.value)) items.value = found;
      more.value = answers.some(({ jobs }) => jobs.length >= limit.value);
      unreachable.value = false;
    } catch {
      unreachable.value = true;
    }
    loading.value = false;
  }

  /** One question at a time; what happens meanwhile asks once more. */
  function refresh(): void {
    if (asking) {
      again = true;
      return;
    }
    asking = ask().finally(() => {
      asking = undefined;
      if (again) {
        again = false;
        refresh();
      }
    });
  }

  const send = useSocket<unknown>(id, refresh, refresh);
  let timer: ReturnType<typeof setInterval>;
  onMounted(() => {
    refresh();
    timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, ASK_MS);
  });
  onUnmounted(() => clearInterval(timer));
  watch([filter, limit], refresh);
  watch(filter, () => {
    limit.value = PAGE;
  });

  return {
    folders,
    items,
    more,
    loading,
    unreachable,
    showMore: () => {
      limit.value += PAGE;
    },
    press: (press) => {
      send(press);
      setTimeout(refresh, 250);
    },
  };
}
