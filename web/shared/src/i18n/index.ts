import { createI18n } from 'vue-i18n';
import { computed, type ComputedRef, type Plugin, type WritableComputedRef } from 'vue';
import type { Language } from '../format';
import commonEn from './common.en';
import commonZh from './common.zh-CN';

export type Messages = { [key: string]: string | Messages };

const KEPT_AS = 'tongping.language';
export const LANGUAGES: Language[] = ['zh-CN', 'en'];

function kept(): Language {
  try {
    return localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh-CN';
  } catch {
    return 'zh-CN';
  }
}

/** Of vue-i18n's instance what the pages use; its own type is too deep to be inferred. */
type Instance = Plugin & {
  global: {
    locale: WritableComputedRef<Language>;
    t: (key: string, values: Record<string, unknown>) => string;
    te: (key: string) => boolean;
  };
};
let instance: Instance | undefined;

export function makeI18n(zh: Messages, en: Messages): Instance {
  instance = createI18n({
    legacy: false,
    locale: kept(),
    fallbackLocale: 'zh-CN',
    missingWarn: false,
    fallbackWarn: false,
    messages: { 'zh-CN': { common: commonZh, ...zh }, en: { common: commonEn, ...en } },
  }) as unknown as Instance;
  document.documentElement.lang = kept();
  return instance;
}

export function language(): Language {
  return (instance?.global.locale.value as Language | undefined) ?? 'zh-CN';
}

export function setLanguage(to: Language): void {
  if (!instance) return;
  instance.global.locale.value = to;
  document.documentElement.lang = to;
  try {
    localStorage.setItem(KEPT_AS, to);
  } catch {
    // The choice then lasts for this visit only.
  }
}

export function useLanguage(): ComputedRef<Language> {
  return computed(() => language());
}

export function translate(key: string, values: Record<string, unknown> = {}): string {
  return instance ? instance.global.t(key, values) : key;
}

/** The text of `key` if there is one, else `fallback`. */
export function translateOr(key: string, fallback: string, values: Record<string, unknown> = {}): string {
  return instance?.global.te(key) ? instance.global.t(key, values) : fallback;
}
