import type { AssetsBody, AssetsDay } from '../api/portfolio';
import type { ChartSpec } from '../charts/spec';
import { formatDecimal, signOf } from './decimal';
import { formatClock, formatCount, formatTime, plural } from './format';
import { moneySeries } from './performance-charts';
import { seconds } from './series';

/** "2026-11-01" as "2026-11", as the address and the API name a cohort. */
export const cohortOf = (month: string): string => month.slice(0, 7);
const month = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
export const formatMonth = (day: string): string => month.format(new Date(day));

export const lastDay = ({ days }: AssetsBody): AssetsDay | undefined => days.at(-1);

/** How far bookings are in: "12:03:04", with the day where that is another. */
export function completeWords(until: string | null, now: number): string {
  if (until === null) return 'No booking is in yet';
  const today = new Date(now).toDateString() === new Date(until).toDateString();
  return `Complete up to ${today ? formatClock(until) : formatTime(until)}`;
}

export function assetsSentence(body: AssetsBody, cohort: string | null): string {
  const { base_currency: currency, period } = body;
  const last = lastDay(body);
  const amount = (money: string): string => `${formatDecimal(money, { most: 2 })} ${currency}`;
  const whose = `${plural(period.portfolios, 'portfolio')}${cohort === null ? '' : ` begun in ${formatMonth(cohort)}`}`;
  if (last === undefined) return `Nothing is known of ${whose}.`;
  const { net_flow: net } = period;
  const flows =
    net === null
      ? 'what came in and went out is not known in full'
      : signOf(net) === 0
        ? 'as much came in as went out'
        : `${amount(net.replace('-', ''))} more ${signOf(net) > 0 ? 'came in than went out' : 'went out than came in'}`;
  const worth =
    last.value === null
      ? `The assets of ${whose} are not known in full; ${amount(last.known_value)} of them are`
      : `${whose} ${period.portfolios === 1 ? 'holds' : 'hold'} ${amount(last.value)}`;
  return `${worth}; ${flows} over ${plural(body.days.length, 'day')}.`;
}

const daily = (days: readonly AssetsDay[], series: ChartSpec['series'], height: number): ChartSpec => ({
  times: days.map(({ date }) => seconds(date)),
  daily: true,
  scale: 'signed',
  height,
  format: formatCount,
  series,
});

/** Assets at the end of each day; what is known of them where that is not all. */
export function assetsSpec({ days }: AssetsBody): ChartSpec {
  const whole = moneySeries(
    'assets under management',
    'series-1',
    days.map(({ value }) => value),
  );
  const known = moneySeries(
    'of which known',
    'mark',
    days.map(({ known_value: part }) => part),
  );
  return daily(days, days.every(({ value }) => value !== null) ? [whole] : [whole, { ...known, dash: true }], 240);
}

/** What came in and what went out, each day; out is below zero. */
export const flowsSpec = ({ days }: AssetsBody): ChartSpec =>
  daily(
    days,
    [
      {
        ...moneySeries(
          'in',
          'series-2',
          days.map(({ inflow }) => inflow),
        ),
        kind: 'bars',
      },
      {
        ...moneySeries(
          'out',
          'series-4',
          days.map(({ outflow }) => (outflow === null || signOf(outflow) === 0 ? outflow : `-${outflow}`)),
        ),
        kind: 'bars',
      },
    ],
    160,
  );

/** What positions paid and what was charged, each day. */
export const incomeSpec = ({ days }: AssetsBody): ChartSpec =>
  daily(
    days,
    [
      moneySeries(
        'dividends and interest',
        'series-3',
        days.map(({ income }) => income),
      ),
      moneySeries(
        'fees',
        'series-5',
        days.map(({ fees }) => fees),
      ),
    ],
    160,
  );
