import * as plain from '../format';
import { language } from './index';

/** The forms of ../format in the page's language; used in templates, so they follow a switch. */
export const date = (at: number): string => plain.formatDate(at, language());
export const dateTime = (at: number): string => plain.formatDateTime(at, language());
export const dateClock = (at: number): string => plain.formatDateClock(at, language());
export const monthDay = (at: number): string => plain.formatMonthDay(at, language());
export const weekday = (at: number): string => plain.formatWeekday(at, language());
export const range = (start_at: number, end_at: number): string => plain.formatRange(start_at, end_at, language());
export const duration = (ms: number): string => plain.formatDuration(ms, language());
export const time = plain.formatTime;
export const clock = plain.formatClock;
export const countdown = plain.formatCountdown;
export const number = plain.formatNumber;
export const bytes = plain.formatBytes;
