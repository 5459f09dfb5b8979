import { onScopeDispose, readonly, ref, type Ref } from 'vue';

/** The server's clock decides (D1): pages show server time, whatever the computer's own clock says. */
let offset_ms = 0;

export function setServerTime(now_at: number, received_at: number = Date.now()): void {
  offset_ms = now_at - received_at;
}

export function serverNow(): number {
  return Date.now() + offset_ms;
}

/** The server's time as a value that goes on by itself. */
export function useServerClock(step_ms = 1000): Readonly<Ref<number>> {
  const now = ref(serverNow());
  let timer: ReturnType<typeof setTimeout>;
  const tick = (): void => {
    now.value = serverNow();
    timer = setTimeout(tick, step_ms - (now.value % step_ms));
  };
  tick();
  onScopeDispose(() => clearTimeout(timer));
  return readonly(now);
}
