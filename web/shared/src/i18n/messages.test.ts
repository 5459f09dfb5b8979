import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import consoleEn from '../../../console/src/i18n/en';
import consoleZh from '../../../console/src/i18n/zh-CN';
import terminalEn from '../../../terminal/src/i18n/en';
import terminalZh from '../../../terminal/src/i18n/zh-CN';
import commonEn from './common.en';
import commonZh from './common.zh-CN';

interface Tree {
  [key: string]: string | Tree;
}
function flat(tree: Tree, prefix = ''): Record<string, string> {
  return Object.entries(tree).reduce<Record<string, string>>((all, [key, value]) => {
    if (typeof value === 'string') all[prefix + key] = value;
    else Object.assign(all, flat(value, `${prefix}${key}.`));
    return all;
  }, {});
}
const PAIRS: [string, Tree, Tree][] = [
  ['common', commonZh, commonEn],
  ['console', consoleZh, consoleEn],
  ['terminal', terminalZh, terminalEn],
];
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(?:vue|ts)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [path] : [];
  });
}
/** Keys written out in the sources: t('a.b') and the two arms of t(x ? 'a.b' : 'c.d'). */
function keysUsed(folder: string): Set<string> {
  const keys = new Set<string>();
  for (const path of sources(folder)) {
    for (const call of readFileSync(path, 'utf8').matchAll(/\b(?:t|translate)\(([^`()]*?(?:\([^()]*\)[^`()]*?)*)\)/g)) {
      const first = (call[1] ?? '').split(/,\s*\{/)[0] ?? '';
      for (const key of first.matchAll(/'([a-zA-Z]+(?:\.[\w-]+)+)'/g)) keys.add(key[1] as string);
    }
  }
  return keys;
}

describe('messages', () => {
  it.each(PAIRS)('%s__every_key__in_both_languages', (_name, zh, en) => {
    expect(Object.keys(flat(en)).sort()).toEqual(Object.keys(flat(zh)).sort());
  });

  it.each(PAIRS)('%s__placeholders__agree', (_name, zh, en) => {
    const english = flat(en);
    const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] as string).sort();
    for (const [key, text] of Object.entries(flat(zh))) expect(holes(english[key] ?? ''), key).toEqual(holes(text));
  });

  it.each(PAIRS)('%s__no_text__has_a_sign_that_vue_i18n_reads_as_syntax', (_name, zh, en) => {
    for (const text of [...Object.values(flat(zh)), ...Object.values(flat(en))]) expect(text).not.toMatch(/[@|]/);
  });

  it.each([
    ['console', { common: commonZh, ...consoleZh } as Tree],
    ['terminal', { common: commonZh, ...terminalZh } as Tree],
  ])('%s__every_key_the_pages_use__exists', (name, tree) => {
    const known = flat(tree);
    const used = keysUsed(join(__dirname, '../../..', name, 'src'));
    expect(used.size).toBeGreaterThan(20);
    expect([...used].filter((key) => !(key in known))).toEqual([]);
  });
});
