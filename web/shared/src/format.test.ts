import { describe, expect, it } from 'vitest';
import * as f from './format';

const AT = f.cstAt(2026, 11, 21, 9, 30);

describe('format', () => {
  it('cstAt__local_time_of_the_browser__plays_no_part', () => {
    expect(AT).toBe(Date.UTC(2026, 10, 21, 1, 30));
    expect(f.cstParts(AT)).toMatchObject({ year: 2026, month: 11, day: 21, hour: 9, minute: 30, weekday: 6 });
  });

  it('dates__chinese_and_english', () => {
    expect(f.formatDateTime(AT, 'zh-CN')).toBe('2026年11月21日 09:30');
    expect(f.formatDateTime(AT, 'en')).toBe('21 Nov 2026 09:30');
    expect(f.formatWeekday(AT, 'zh-CN')).toBe('星期六');
    expect(f.formatDateClock(AT + 5_000, 'zh-CN')).toBe('2026年11月21日 09:30:05');
  });

  it('day_start__just_before_and_at_midnight_in_china__differ', () => {
    const midnight = f.cstAt(2026, 11, 22);
    expect(f.cstDayStart(midnight - 1)).toBe(f.cstAt(2026, 11, 21));
    expect(f.cstDayStart(midnight)).toBe(midnight);
  });

  it('range__one_day__writes_the_date_once', () => {
    expect(f.formatRange(AT, AT + 8 * f.HOUR_MS, 'zh-CN')).toBe('2026年11月21日 09:30 — 17:30');
    expect(f.formatRange(AT, AT + f.DAY_MS, 'zh-CN')).toBe('2026年11月21日 09:30 — 2026年11月22日 09:30');
  });

  it('duration__units_as_they_matter', () => {
    expect(f.formatDuration(4 * f.HOUR_MS, 'zh-CN')).toBe('4小时');
    expect(f.formatDuration(3 * f.HOUR_MS + 24 * f.MINUTE_MS + 9_000, 'zh-CN')).toBe('3小时24分');
    expect(f.formatDuration(59_999, 'zh-CN')).toBe('59秒');
    expect(f.formatDuration(0, 'en')).toBe('0 s');
    expect(f.formatDuration(2 * f.DAY_MS + f.HOUR_MS, 'en')).toBe('2 d 1 h');
    expect(f.formatDuration(-5, 'en')).toBe('0 s');
  });

  it('countdown__never_negative__rounds_up', () => {
    expect(f.formatCountdown(3_723_001)).toBe('01:02:04');
    expect(f.formatCountdown(-1)).toBe('00:00:00');
  });

  it('bytes_and_numbers', () => {
    expect(f.formatBytes(48_211_000)).toBe('46.0 MiB');
    expect(f.formatBytes(512)).toBe('512 B');
    expect(f.formatNumber(10_000)).toBe('10,000');
    expect([f.formatNumber(undefined), f.formatBytes(null)]).toEqual(['–', '–']);
  });
});
