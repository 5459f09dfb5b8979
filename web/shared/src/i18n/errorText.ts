import type { ApiError } from '../api/error';
import type { Language } from '../format';
import en from './errors.en';
import zh from './errors.zh-CN';

const TABLES: Record<Language, Record<string, string>> = { 'zh-CN': zh, en };

/** The best text for a code: its own, then that of a shorter prefix, then that of the HTTP status. */
export function textOfCode(code: string, status: number, language: Language): { text: string; exact: boolean } {
  const table = TABLES[language];
  const exact = table[code];
  if (exact) return { text: exact, exact: true };
  const parts = code.split(/(?=[._])/);
  for (let n = parts.length - 1; n > 0; n -= 1) {
    const found = table[parts.slice(0, n).join('')];
    if (found) return { text: found, exact: false };
  }
  const byStatus = table[`http.${status}`] ?? (status >= 500 ? table['http.500'] : undefined);
  return { text: byStatus ?? table.unknown ?? '', exact: false };
}

/** One or two sentences for a person; the server's own words are added where ours are only general. */
export function errorText(error: ApiError, language: Language): string {
  const { text, exact } = textOfCode(error.code, error.status, language);
  const detailed = DETAILED.has(error.code) || !exact;
  return detailed && error.message ? `${text}（${error.message}）` : text;
}

/** Codes whose message carries figures or times that a person needs. */
const DETAILED = new Set(['draw.infeasible', 'draw.too_early', 'request.nothing_fits', 'request.seats_taken']);
