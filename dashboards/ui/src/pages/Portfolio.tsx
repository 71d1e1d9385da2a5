import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { PortfolioBody, PortfolioTotals, Position } from '../api/types';
import { Figure, Figures, Page, Section } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { downloadCsv } from '../lib/csv';
import { alignDecimals, directionOf, formatDecimal, signOf } from '../lib/decimal';
import { formatTime } from '../lib/format';
import { toLocalField } from '../lib/range';
import { useParams } from '../lib/router';
import { portfolioSentence } from '../lib/sentences';

type Key = 'quantity' | 'average_cost' | 'cost_basis' | 'price' | 'market_value' | 'unrealised' | 'realised';
const MONEY: readonly [Key, string, string, boolean][] = [
  ['quantity', 'Quantity', 'Bought less sold, splits applied', false],
  ['average_cost', 'Average cost', 'Cost basis / quantity', false],
  ['price', 'Price', 'Last price seen at or before the moment shown', false],
  ['cost_basis', 'Cost basis', 'What the held quantity was bought for', false],
  ['market_value', 'Value', 'Quantity x price', false],
  ['unrealised', 'Unrealised', 'Value - cost basis', true],
  ['realised', 'Realised', 'Gains and losses of what was sold', true],
];

// A closed position has no average cost and needs no price; that is not a gap.
const missing = ({ quantity, unavailable }: Position): ReactNode => (
  <span className="quiet" title={unavailable ?? undefined}>
    {unavailable === null && quantity !== null && signOf(quantity) === 0 ? 'closed' : 'not known'}
  </span>
);

function Positions({ rows }: { rows: readonly Position[] }): ReactNode {
  const aligned = new Map(
    MONEY.map(([key, , , signed]) => [
      key,
      alignDecimals(
        rows.map((row) => row[key]),
        key === 'quantity'
          ? { least: 0, most: 8 }
          : { most: key === 'price' || key === 'average_cost' ? 4 : 2, signed },
      ),
    ]),
  );
  const columns: Column<{ position: Position; index: number }>[] = [
    { id: 'symbol', head: 'Symbol', cell: ({ position }) => position.symbol },
    ...MONEY.map(([key, head, how]): Column<{ position: Position; index: number }> => ({
      id: key,
      head,
      how,
      num: true,
      cell: ({ position, index }) => {
        const exact = position[key];
        return exact === null ? (
          missing(position)
        ) : (
          <span
            title={`${exact}${key === 'price' && position.price_at !== null ? `, at ${formatTime(position.price_at)}` : ''}`}
          >
            {aligned.get(key)?.[index]}
          </span>
        );
      },
    })),
    { id: 'currency', head: '', cell: ({ position }) => <span className="quiet">{position.currency}</span> },
  ];
  return (
    <Table
      name="Positions"
      columns={columns}
      rows={rows.map((position, index) => ({ position, index }))}
      keyOf={({ position }) => `${position.symbol}/${position.currency}`}
    />
  );
}

const TOTALS: readonly [keyof PortfolioTotals, string, string][] = [
  ['market_value', 'Value of positions', 'Sum over positions in the base currency'],
  ['cost_basis', 'Cost basis', 'Sum over positions'],
  ['unrealised', 'Unrealised', 'Value - cost basis'],
  ['realised', 'Realised', 'Gains and losses of what was sold'],
  ['fees', 'Fees', 'Fees of trades and charges'],
  ['dividends', 'Dividends', 'dividend.paid events'],
];

function Totals({ totals, currency }: { totals: PortfolioTotals; currency: string }): ReactNode {
  const signed = (key: keyof PortfolioTotals): boolean => key === 'unrealised' || key === 'realised';
  return (
    <Figures>
      {TOTALS.map(([key, label, how]) => {
        const value = totals[key];
        return (
          <Figure
            key={key}
            label={label}
            how={value === null ? how : `${how}; exactly ${value}`}
            value={
              value === null ? (
                <span className="quiet">not known</span>
              ) : (
                formatDecimal(value, { most: 2, signed: signed(key) })
              )
            }
            note={
              value !== null && signed(key) && signOf(value) !== 0 ? `${directionOf(value)}, ${currency}` : currency
            }
          />
        );
      })}
    </Figures>
  );
}

function Body({ body }: { body: PortfolioBody }): ReactNode {
  const reasons = [
    ...new Set(
      [...body.unavailable, ...body.positions.map(({ unavailable }) => unavailable)].filter(
        (text): text is string => text !== null && text !== '',
      ),
    ),
  ];
  const cash = alignDecimals(
    body.cash.map(({ amount }) => amount),
    { most: 2 },
  );
  const save = (): void =>
    downloadCsv(
      `portfolio ${body.portfolio_id}`,
      ['symbol', ...MONEY.map(([key]) => key), 'currency'],
      body.positions.map((row) => [row.symbol, ...MONEY.map(([key]) => row[key]), row.currency]),
    );
  return (
    <>
      {reasons.length > 0 && (
        <Note tone="amber">
          Not every figure is known.{' '}
          {reasons.map((text) => (
            <span key={text}>{text}. </span>
          ))}
        </Note>
      )}
      <Totals totals={body.totals} currency={body.base_currency ?? ''} />
      <Section
        title="Positions"
        note="hover a figure for all its digits"
        actions={
          <button className="plain small" onClick={save}>
            CSV
          </button>
        }
      >
        {body.positions.length === 0 ? (
          <Empty>Nothing is held at this moment; order.filled events open positions.</Empty>
        ) : (
          <Positions rows={body.positions} />
        )}
      </Section>
      <div className="two">
        <Section title="Cash">
          {body.cash.length === 0 ? (
            <Empty>No deposit, withdrawal or trade moved cash yet.</Empty>
          ) : (
            <Table
              name="Cash"
              rows={body.cash.map((row, index) => ({ ...row, index }))}
              keyOf={(r) => r.currency}
              columns={[
                { id: 'currency', head: 'Currency', cell: (r) => r.currency },
                {
                  id: 'amount',
                  head: 'Amount',
                  num: true,
                  cell: (r) =>
                    r.amount === null ? (
                      <span className="quiet">not known</span>
                    ) : (
                      <span title={r.amount}>{cash[r.index]}</span>
                    ),
                },
              ]}
            />
          )}
        </Section>
        <Section title="Flags" note="events that do not fit together">
          {body.flags.length === 0 ? (
            <Empty>Every event fits.</Empty>
          ) : (
            <Table
              name="Flags"
              rows={body.flags}
              keyOf={(r, i) => `${r.event_id}/${i}`}
              columns={[
                { id: 'reason', head: 'Reason', cell: (r) => r.reason },
                { id: 'event', head: 'Event', cell: (r) => <code>{r.event_id}</code> },
              ]}
            />
          )}
        </Section>
      </div>
    </>
  );
}

export default function Portfolio({ found }: { found: Record<string, string> }): ReactNode {
  const id = found['portfolio'] ?? '';
  const [search, set] = useParams();
  const asOf = search.get('as_of');
  const query = useApi<PortfolioBody>(
    `/api/v1/portfolios/${encodeURIComponent(id)}`,
    { as_of: asOf },
    { live: asOf === null },
  );
  const waiting = query.error === null ? `Reading portfolio ${id}\u2026` : `Portfolio ${id} cannot be shown.`;
  return (
    <Page
      title={`Portfolio ${id}`}
      sentence={query.data === undefined ? waiting : portfolioSentence(query.data)}
      aside={
        <div className="row small">
          <label className="row">
            <span className="quiet">As of</span>
            <input
              type="datetime-local"
              value={asOf === null || Number.isNaN(Date.parse(asOf)) ? '' : toLocalField(Date.parse(asOf))}
              onChange={(event) =>
                set({ as_of: event.target.value === '' ? null : new Date(event.target.value).toISOString() })
              }
            />
          </label>
          <span className="quiet">{query.data === undefined ? '' : `Shown: ${formatTime(query.data.as_of)}`}</span>
          {asOf !== null && (
            <button className="plain" onClick={() => set({ as_of: null })}>
              Now
            </button>
          )}
        </div>
      }
    >
      <Answer query={query} height={480}>
        {(body) => <Body body={body} />}
      </Answer>
    </Page>
  );
}
