import { asApiError, type ApiError } from '@tongping/shared/api/error';
import type { LiveEvent } from '@tongping/shared/api/types';
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { useLive } from './stores/live';

export interface Resource<T> {
  data: ShallowRef<T | null>;
  error: ShallowRef<ApiError | null>;
  loading: Ref<boolean>;
  reload: () => Promise<void>;
}

const CALM_MS = 150;

/**
 * Something fetched, shown, and fetched again when a live event concerns it or the connection came back.
 * Events in quick succession cause one fetch; an older answer never overwrites a newer one.
 */
export function useResource<T>(fetchIt: () => Promise<T>, concerns: (event: LiveEvent) => boolean = () => false): Resource<T> {
  const data = shallowRef<T | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const loading = ref(true);
  let latest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function reload(): Promise<void> {
    const mine = (latest += 1);
    loading.value = true;
    try {
      const answer = await fetchIt();
      if (mine !== latest) return;
      data.value = answer;
      error.value = null;
    } catch (cause) {
      if (mine === latest) error.value = asApiError(cause);
    } finally {
      if (mine === latest) loading.value = false;
    }
  }

  useLive().listen((event) => {
    if (event !== 'resync' && !concerns(event)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), CALM_MS);
  });
  onScopeDispose(() => {
    clearTimeout(timer);
    latest += 1;
  });
  void reload();
  return { data, error, loading, reload };
}
