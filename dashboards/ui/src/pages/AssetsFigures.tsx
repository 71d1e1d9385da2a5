import type { ReactNode } from 'react';
import type { AssetsBody, AssetsPeriod } from '../api/portfolio';
import { MoneyFigure, NotKnown, SEE_NOTE } from '../components/Money';
import { Figure, Figures } from '../components/Page';
import { lastDay } from '../lib/assets';
import { formatDecimal } from '../lib/decimal';
import { asSentence, formatDate, formatExact, formatPercent } from '../lib/format';

/** A ratio that may not be there. */
function Ratio({ label, value, how, why, note }: RatioProps): ReactNode {
  return (
    <Figure
      label={label}
      how={value === null ? how : `${how}; exactly ${value}`}
      value={value === null ? <NotKnown why={why} /> : formatPercent(Number(value))}
      note={value === null ? asSentence(why) : note}
    />
  );
}
interface RatioProps {
  label: string;
  value: string | number | null;
  how: string;
  why: string;
  note: string;
}

const MONEY: readonly [
  keyof AssetsPeriod & ('net_flow' | 'inflow' | 'outflow' | 'income' | 'fees' | 'taxes'),
  string,
  string,
][] = [
  ['net_flow', 'Net flow', 'What came in less what went out over the period'],
  ['inflow', 'Came in', 'Deposits from outside over the period'],
  ['outflow', 'Went out', 'Withdrawals to outside over the period'],
  ['income', 'Income', 'Dividends and interest over the period'],
  ['fees', 'Fees', 'Of trades and charged over the period'],
  ['taxes', 'Taxes', 'Withheld or paid over the period'],
];

/** What is held, what moved, and how evenly it is spread. */
export function AssetsFigures({ body, cohort }: { body: AssetsBody; cohort: string | null }): ReactNode {
  const { period, base_currency: currency, concentration } = body;
  const last = lastDay(body);
  const unpriced = 'a position of them has no known value; see the note above';
  return (
    <Figures>
      <MoneyFigure
        label="Assets under management"
        how={`Positions and cash at the end of ${last === undefined ? 'the period' : formatDate(last.date)}`}
        value={last?.value ?? null}
        currency={currency}
        why={SEE_NOTE}
      />
      {last?.value === null && (
        <MoneyFigure
          label="Of which known"
          how="Everything whose value is known"
          value={last.known_value}
          currency={currency}
        />
      )}
      {MONEY.map(([key, label, how]) => (
        <MoneyFigure key={key} label={label} how={how} value={period[key]} currency={currency} why={SEE_NOTE} />
      ))}
      <Ratio
        label="Turnover"
        value={period.turnover}
        how="The lesser of purchases and sales over the average value of the days; 100 % is everything once"
        why={body.unavailable.length > 0 ? SEE_NOTE : 'the average value is not above zero'}
        note="of the average value"
      />
      <Figure
        label="Active portfolios"
        value={`${formatExact(period.active_portfolios)} of ${formatExact(period.portfolios)}`}
        how="With a purchase or sale in the period, of those to which anything was booked until its end"
        note="portfolios traded"
      />
      <Figure label="Trades" value={formatExact(period.trades)} how="Purchases and sales in the period" note="trades" />
      <Ratio
        label="Trade success"
        value={period.trade_success_rate}
        how="Orders that were filled over those that were filled, rejected or cancelled"
        why={cohort === null ? 'no order was filled, rejected or cancelled' : 'orders do not say their cohort'}
        note="of orders that ended"
      />
      <Ratio
        label="Largest position"
        value={concentration.largest}
        how="Share of the largest position in the value of all, without cash"
        why={unpriced}
        note="of all positions"
      />
      <Ratio
        label="Ten largest"
        value={concentration.ten_largest}
        how="Share of the ten largest positions in the value of all, without cash"
        why={unpriced}
        note="of all positions"
      />
      <Figure
        label="Concentration"
        how="Sum of the squares of all shares (Herfindahl and Hirschman): 1 for one position, 1/n for n equal ones"
        value={
          concentration.herfindahl === null ? (
            <NotKnown why={unpriced} />
          ) : (
            formatDecimal(concentration.herfindahl, { most: 3 })
          )
        }
        note={concentration.herfindahl === null ? asSentence(unpriced) : 'from 0 to 1'}
      />
    </Figures>
  );
}
