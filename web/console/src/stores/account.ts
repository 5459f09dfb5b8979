import { ApiError } from '@tongping/shared/api/error';
import type { Me, Policy, Role, User } from '@tongping/shared/api/types';
import { setServerTime } from '@tongping/shared/clock';
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { api, setCsrf } from '../api';

export const useAccount = defineStore('account', () => {
  const me = shallowRef<Me | null>(null);
  const asked = ref(false);
  const user = computed<User | null>(() => me.value?.user ?? null);
  const role = computed<Role | null>(() => me.value?.user.role ?? null);
  const policy = computed<Policy | null>(() => me.value?.policy ?? null);

  /** Who is signed in, by the cookie; also sets the server's clock. Null when nobody is. */
  async function load(): Promise<Me | null> {
    const sent_at = Date.now();
    try {
      const answer = await api.me();
      setServerTime(answer.now_at, (sent_at + Date.now()) / 2);
      setCsrf(answer.csrf);
      me.value = answer;
    } catch (cause) {
      if (!(cause instanceof ApiError) || (cause.status !== 401 && cause.status !== 403)) throw cause;
      me.value = null;
    } finally {
      asked.value = true;
    }
    return me.value;
  }

  async function login(name: string, password: string): Promise<void> {
    const answer = await api.login(name, password);
    setCsrf(answer.csrf);
    await load();
  }

  function forget(): void {
    me.value = null;
    setCsrf('');
  }

  async function logout(): Promise<void> {
    try {
      await api.logout();
    } finally {
      forget();
    }
  }

  return { me, user, role, policy, asked, load, login, logout, forget };
});
