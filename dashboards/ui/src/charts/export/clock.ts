import { formatDate, formatMinute } from '../../lib/format';

const MINUTE = 60;
const DAY = 86_400;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE);
const DAYS = [1, 2, 7, 14, 30, 91, 182, 365].map((days) => days * DAY);

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Round moments of the reader's clock, or days in UTC, as ticks of an axis. Times in unix seconds. */
export function clockTicks(from: number, to: number, most: number, daily: boolean): { at: number; text: string }[] {
  const length = to - from;
  const step = [...(daily ? [] : STEPS), ...DAYS].find((size) => length / size <= Math.max(1, most)) ?? length;
  const offset = daily ? 0 : -new Date(from * 1000).getTimezoneOffset() * MINUTE;
  const ticks = [];
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= to; at += step) ticks.push(at);
  return ticks.map((at, i) => {
    if (daily) return { at, text: formatDate(at * 1000) };
    const midnight = (at + offset) % DAY === 0;
    const time = formatMinute(at * 1000);
    return { at, text: midnight ? day.format(at * 1000) : i === 0 ? `${day.format(at * 1000)} ${time}` : time };
  });
}
