// Times and durations as people read them. Pure: the present comes in.
import { t } from './index';

const DAY = 86_400_000;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' });
const dateYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

/** "10:42" */
export const timeOfDay = (at: number): string => clock.format(at);

/** "10:42:07" */
export const timeOfDayExact = (at: number): string => clockSeconds.format(at);

/** A timer of `seconds`: "0:07", "12:08", "1:02:03". */
export function timer(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A duration of `seconds` in words: "58 s", "12 min 8 s", "1 h 4 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h > 0) return m > 0 ? t('duration-h-min', { h, m }) : t('duration-h', { h });
  if (m > 0) return s > 0 ? t('duration-min-s', { m, s }) : t('duration-min', { m });
  return t('duration-s', { s });
}

/** Start of the local day of `at`. */
export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** "Today", "Yesterday", "Thursday", "3 November", "24 December 2025". */
export function dayName(at: number, now: number): string {
  const days = Math.round((dayOf(now) - dayOf(at)) / DAY);
  if (days === 0) return t('day-today');
  if (days === 1) return t('day-yesterday');
  if (days > 1 && days < 7) return weekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? date.format(at) : dateYear.format(at);
}

/** "Today 10:42" */
export const dayAndTime = (at: number, now: number): string => `${dayName(at, now)} ${timeOfDay(at)}`;

/** "24 December 2025" */
export const dayAndYear = (at: number): string => dateYear.format(at);
