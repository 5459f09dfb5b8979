import { asApiError, type ApiError } from '@tongping/shared/api/error';
import { makeHttp } from '@tongping/shared/api/http';
import type { TerminalState } from '@tongping/shared/api/types';
import { serverNow, setServerTime } from '@tongping/shared/clock';
import { LiveConnection, webSocketUrl, type LiveState } from '@tongping/shared/live/events';
import { sealCredential } from '@tongping/shared/sealing';
import { onScopeDispose, ref, shallowRef } from 'vue';

const http = makeHttp({ base: '/api/terminal', timeout_ms: 15_000 });
/** Events are a hint; the state is asked for anyway, so that nobody waits before a page that stands still. */
const ASK_EVERY_MS = 10_000;
const ASK_AGAIN_MS = 2_000;

export function useSeat() {
  const state = shallowRef<TerminalState | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const enrolled = ref<boolean | null>(null);
  const live = ref<LiveState>('connecting');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  async function load(): Promise<void> {
    clearTimeout(timer);
    const mine = (latest += 1);
    const sent_at = Date.now();
    try {
      const answer = await http.get<TerminalState>('/state');
      if (mine !== latest) return;
      setServerTime(answer.now_at, (sent_at + Date.now()) / 2);
      state.value = answer;
      error.value = null;
      enrolled.value = true;
      connection.start();
    } catch (cause) {
      if (mine !== latest) return;
      error.value = asApiError(cause);
      if (error.value.status === 401 || error.value.code === 'seat.not_enrolled') {
        enrolled.value = false;
        state.value = null;
        connection.stop();
      }
    }
    if (enrolled.value !== false) timer = setTimeout(() => void load(), error.value ? ASK_AGAIN_MS : ASK_EVERY_MS);
  }

  const connection = new LiveConnection({
    url: () => webSocketUrl('/api/terminal/events'),
    onEvent: () => void load(),
    onState: (to, again) => {
      live.value = to;
      if (again) void load();
    },
  });

  async function enrol(seat_id: string, code: string): Promise<void> {
    await http.post('/enrol', { seat_id, code });
    enrolled.value = null;
    await load();
  }

  async function login(id_number: string, code: string): Promise<void> {
    const now = state.value;
    if (!now?.session) return;
    const sealed = await sealCredential(
      { id_number, code, session_id: now.session.session_id, seat_id: now.seat.id, at: Math.round(serverNow()) },
      now.draw_seal_public,
    );
    await http.post('/login', { sealed });
    await load();
  }

  async function logout(): Promise<void> {
    await http.post('/logout');
    await load();
  }

  const help = (): Promise<void> => http.post<void>('/help');

  onScopeDispose(() => {
    clearTimeout(timer);
    connection.stop();
  });
  return { state, error, enrolled, live, load, enrol, login, logout, help };
}
