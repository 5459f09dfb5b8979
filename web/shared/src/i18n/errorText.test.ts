import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/error';
import en from './errors.en';
import zh from './errors.zh-CN';
import { errorText, textOfCode } from './errorText';

const REPOSITORY = join(__dirname, '../../../..');
/** Folders whose refusals reach a browser, and what in them never does (configuration, the node's own link). */
const SPEAKING = ['coordinator', 'venue-node'];
const NOT_FOR_PEOPLE = /^(?:config|ini|province|policy|journal|key|keygen|settings|assertion|file|hex|crypto|record|account\.bad_role|delivery|venue|gateway|draw\.rehearsed|test)\b/;

function sources(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /(?<!_test)\.c$/.test(entry.name) ? [path] : [];
  });
}

function codesOfTheServers(): string[] {
  const codes = new Set<string>();
  for (const path of SPEAKING.flatMap((folder) => sources(join(REPOSITORY, folder)))) {
    for (const match of readFileSync(path, 'utf8').matchAll(/TP_(?:INPUT|DENIED|CONFLICT|LIMIT),\s*"([a-z_]+\.[a-z_]+)"/g)) {
      if (match[1]) codes.add(match[1]);
    }
  }
  return [...codes].filter((code) => !NOT_FOR_PEOPLE.test(code)).sort();
}

describe('errorText', () => {
  it('tables__both_languages__have_the_same_codes', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  it('tables__every_text__is_in_its_language_and_says_something', () => {
    for (const [code, text] of Object.entries(zh)) expect(text, code).toMatch(/[\u4e00-\u9fff]{4,}/);
    for (const [code, text] of Object.entries(en)) {
      expect(text, code).not.toMatch(/[\u4e00-\u9fff]/);
      expect(text.length, code).toBeGreaterThan(15);
    }
  });

  it('codes_of_the_servers__every_refusal_a_person_can_meet__has_words', () => {
    const unknown = codesOfTheServers().filter((code) => textOfCode(code, 0, 'zh-CN').text === zh.unknown);
    expect(unknown).toEqual([]);
  });

  it('unknown_code__prefix_then_status__falls_back', () => {
    expect(textOfCode('draw.some_new_thing', 409, 'zh-CN')).toEqual({ text: zh.draw, exact: false });
    expect(textOfCode('brand.new', 409, 'en')).toEqual({ text: en['http.409'], exact: false });
    expect(textOfCode('brand.new', 599, 'en').text).toBe(en['http.500']);
    expect(textOfCode('brand.new', 0, 'en').text).toBe(en.unknown);
  });

  it('message_of_the_server__added_where_our_words_are_general__and_not_elsewhere', () => {
    expect(errorText(new ApiError(409, 'start.not_all_in', '3 of 5'), 'zh-CN')).toBe(zh['start.not_all_in']);
    expect(errorText(new ApiError(409, 'draw.too_early', 'the draw opens at noon'), 'zh-CN')).toContain('noon');
    expect(errorText(new ApiError(409, 'brand.new', 'a detail'), 'en')).toContain('a detail');
  });
});
