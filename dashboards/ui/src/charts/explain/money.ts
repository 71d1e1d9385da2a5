import { pieceOf } from '../../lib/asked';
import { equal, fact, made, param, same, text, where, type At, type Explanation } from './write';

const ALL_DIGITS = 'Money is decimal from the event to the page; no digit is lost.';

/** The days of the question; a day that is asked for is in. */
const days = (at: At): string[] => {
  const [from, to] = [param(at, 'from'), param(at, 'to')];
  return [from === '' ? '' : `day >= TIMESTAMP ${text(from)}`, to === '' ? '' : `day <= TIMESTAMP ${text(to)}`];
};

const cohort = (at: At): string => {
  const month = param(at, 'cohort');
  return month === '' ? '' : `cohort = TIMESTAMP ${text(month.length === 7 ? `${month}-01` : month)}`;
};

/** Whose portfolios: one, a client's, an adviser's. */
function whose(at: At): string {
  const [kind, id] = [pieceOf(at.asked, 2), pieceOf(at.asked, 3)];
  if (kind === 'portfolios') return equal('portfolio_id', id);
  const column = kind === 'clients' ? 'customer_id' : 'adviser_id';
  return `portfolio_id IN (SELECT portfolio_id FROM portfolios WHERE ${equal(column, id)})`;
}

const moves = (at: At, figures: string): string => `SELECT day, currency, ${figures}
FROM portfolio_moves${where(whose(at), ...days(at))}
GROUP BY day, currency
ORDER BY day`;

const assets = (at: At, figures: string): string => `SELECT day, currency, ${figures}
FROM asset_moves${where(cohort(at), ...days(at))}
GROUP BY day, currency
ORDER BY day`;

const HELD = `What is held changes by these rows; its worth is the last price of each day (view quotes) in the base currency.`;

const unit = (facts: Readonly<Record<string, string | number>>): string => String(facts['currency'] ?? '');

/** What was held, by day, instrument and currency. */
const held = (at: At): string => `SELECT day, symbol, currency, sum(quantity) AS quantity, sum(cash) AS cash
FROM portfolio_moves${where(whose(at), ...days(at).slice(1))}
GROUP BY day, symbol, currency
ORDER BY day`;

export const MONEY = {
  'assets-value': {
    unit,
    words: `What all portfolios were worth at the end of each day: pieces times their last price, and cash, in the base currency. ${HELD} ${ALL_DIGITS}`,
    sql: (at) =>
      made(`SELECT day, symbol, currency, sum(quantity) AS quantity, sum(cash) AS cash
FROM asset_moves${where(cohort(at), ...days(at).slice(1))}
GROUP BY day, symbol, currency
ORDER BY day`),
  },
  'assets-flows': {
    unit,
    words: `Money and pieces that came from outside in each day, and what went out (below zero), in the base currency. ${ALL_DIGITS}`,
    sql: (at) => made(assets(at, 'sum(inflow) AS came_in, sum(outflow) AS went_out')),
  },
  'assets-income': {
    unit,
    words: `Dividends and interest that positions paid in each day, and fees of trades and of accounts, in the base currency. ${ALL_DIGITS}`,
    sql: (at) => made(assets(at, 'sum(income) AS income, sum(fees) AS fees')),
  },
  'portfolio-value': {
    unit,
    words: `What it was worth at the close of each day (UTC): pieces times their last price, and cash. ${HELD} ${ALL_DIGITS}`,
    sql: (at) => made(held(at)),
  },
  'portfolio-flows': {
    unit,
    words: `What was paid in from outside on each day, and taken out (below zero). ${ALL_DIGITS}`,
    sql: (at) => made(moves(at, 'sum(inflow) AS paid_in, sum(outflow) AS taken_out')),
  },
  'portfolio-index': {
    unit: 'return',
    words:
      'The time-weighted return since the beginning: the returns of the days linked, each with flows of the day taken into account, so that it does not matter when money came.',
    sql: (at) => made(held(at)),
  },
  'portfolio-drawdown': {
    unit: 'share',
    words: 'How far the time-weighted index was below the highest that it had reached until then.',
    sql: (at) => made(held(at)),
  },
  'sql-lines': {
    unit: '',
    words:
      'The rows of the answer to the statement, drawn over its time column; nothing is added up or left out but what the note says.',
    sql: (at) => same(fact(at, 'sql')),
  },
  'sql-bars': {
    unit: '',
    words: 'The rows of the answer to the statement, a bar for each, in their order.',
    sql: (at) => same(fact(at, 'sql')),
  },
} satisfies Record<string, Explanation>;
