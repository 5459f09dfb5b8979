import type { LiveEvent } from '@tongping/shared/api/types';
import { LiveConnection, webSocketUrl, type LiveState } from '@tongping/shared/live/events';
import { defineStore } from 'pinia';
import { onScopeDispose, ref } from 'vue';

type Listener = (event: LiveEvent | 'resync') => void;

/** The one live connection of the page; pages fetch again what its events name. */
export const useLive = defineStore('live', () => {
  const state = ref<LiveState>('connecting');
  const returned_at = ref(0);
  const listeners = new Set<Listener>();
  const tell = (event: LiveEvent | 'resync'): void => listeners.forEach((listener) => listener(event));
  const connection = new LiveConnection({
    url: () => webSocketUrl('/api/v1/events'),
    onEvent: tell,
    onState: (to, again) => {
      if (to === 'open' && state.value === 'lost') returned_at.value = Date.now();
      state.value = to;
      if (again) tell('resync');
    },
  });

  function listen(listener: Listener): void {
    listeners.add(listener);
    onScopeDispose(() => listeners.delete(listener));
  }

  return {
    state,
    returned_at,
    listen,
    start: () => connection.start(),
    stop: () => connection.stop(),
    retryNow: () => connection.retryNow(),
  };
});
