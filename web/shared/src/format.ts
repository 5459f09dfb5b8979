export type Language = 'zh-CN' | 'en';

/** The whole country keeps one time, and so do the pages, wherever the browser is. */
const CST_OFFSET_MS = 8 * 3_600_000;
const EN_MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const ZH_DAYS = '日一二三四五六';
const EN_DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

interface Parts {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hour: number;
  minute: number;
  second: number;
}

const two = (n: number): string => String(n).padStart(2, '0');

export function cstParts(at: number): Parts {
  const date = new Date(at + CST_OFFSET_MS);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Midnight, China Standard Time, of the day that `at` lies in. */
export function cstDayStart(at: number): number {
  return Math.floor((at + CST_OFFSET_MS) / DAY_MS) * DAY_MS - CST_OFFSET_MS;
}

export function cstAt(year: number, month: number, day: number, hour = 0, minute = 0): number {
  return Date.UTC(year, month - 1, day, hour, minute) - CST_OFFSET_MS;
}

export function formatDate(at: number, language: Language): string {
  const p = cstParts(at);
  return language === 'zh-CN'
    ? `${p.year}年${p.month}月${p.day}日`
    : `${p.day} ${EN_MONTHS[p.month - 1]} ${p.year}`;
}

export function formatWeekday(at: number, language: Language): string {
  const { weekday } = cstParts(at);
  return language === 'zh-CN' ? `星期${ZH_DAYS[weekday]}` : (EN_DAYS[weekday] ?? '');
}

export function formatTime(at: number): string {
  const p = cstParts(at);
  return `${two(p.hour)}:${two(p.minute)}`;
}

export function formatClock(at: number): string {
  return `${formatTime(at)}:${two(cstParts(at).second)}`;
}

export function formatDateTime(at: number, language: Language): string {
  return `${formatDate(at, language)} ${formatTime(at)}`;
}

export function formatDateClock(at: number, language: Language): string {
  return `${formatDate(at, language)} ${formatClock(at)}`;
}

export function formatMonthDay(at: number, language: Language): string {
  const p = cstParts(at);
  return language === 'zh-CN' ? `${p.month}月${p.day}日` : `${p.day} ${EN_MONTHS[p.month - 1]}`;
}

/** A span of one day is written with the date once. */
export function formatRange(start_at: number, end_at: number, language: Language): string {
  const sameDay = cstDayStart(start_at) === cstDayStart(end_at);
  const end = sameDay ? formatTime(end_at) : formatDateTime(end_at, language);
  return `${formatDateTime(start_at, language)} — ${end}`;
}

export function formatDuration(ms: number, language: Language): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = total % 60;
  const zh = language === 'zh-CN';
  const parts: string[] = [];
  if (days) parts.push(zh ? `${days}天` : `${days} d`);
  if (hours) parts.push(zh ? `${hours}小时` : `${hours} h`);
  if (minutes && !days) parts.push(zh ? `${minutes}分` : `${minutes} min`);
  if (!days && !hours && (seconds || !minutes)) parts.push(zh ? `${seconds}秒` : `${seconds} s`);
  return parts.join(zh ? '' : ' ');
}

/** 01:02:03, for countdowns. */
export function formatCountdown(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  return `${two(Math.floor(total / 3600))}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
}

/** What a server leaves out is shown as unknown, not as nothing and not as zero. */
const UNKNOWN = '–';

export function formatNumber(n: number | null | undefined): string {
  if (n === null || n === undefined) return UNKNOWN;
  return n.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return UNKNOWN;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
