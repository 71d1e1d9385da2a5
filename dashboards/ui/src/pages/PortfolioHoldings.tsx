import type { ReactNode } from 'react';
import type { Account, Allocation, Flag, PortfolioTotals, Position } from '../api/portfolio';
import { moneyColumn, MoneyFigure, NotKnown, SEE_NOTE, ShareBar } from '../components/Money';
import { Figures, Section } from '../components/Page';
import { Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { alignDecimals, signOf } from '../lib/decimal';
import { formatTime } from '../lib/format';
import { useParams } from '../lib/router';

type Key =
  'quantity' | 'average_cost' | 'cost_basis' | 'price' | 'market_value' | 'unrealised' | 'realised' | 'income' | 'fees';
const MONEY: readonly [Key, string, string, boolean][] = [
  ['quantity', 'Quantity', 'Bought less sold, splits applied', false],
  ['average_cost', 'Average cost', 'Cost basis / quantity', false],
  ['price', 'Price', 'Last price seen at or before the moment shown', false],
  ['cost_basis', 'Cost basis', 'What the held quantity was bought for', false],
  ['market_value', 'Value', 'Quantity x price', false],
  ['unrealised', 'Unrealised', 'Value - cost basis', true],
  ['realised', 'Realised', 'What closing lots brought over their cost, without fees', true],
  ['income', 'Income', 'Dividends and interest', false],
  ['fees', 'Fees', 'Of its trades, and charged for it', false],
];

// A closed position has no average cost and needs no price; that is not a gap.
const missing = ({ quantity, unavailable }: Position): ReactNode =>
  unavailable === null && quantity !== null && signOf(quantity) === 0 ? (
    <span className="quiet">closed</span>
  ) : (
    <NotKnown why={unavailable ?? ''} />
  );

export function Positions({ rows }: { rows: readonly Position[] }): ReactNode {
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
  const columns: Column<Position>[] = [
    { id: 'symbol', head: 'Symbol', cell: ({ symbol }) => symbol },
    ...MONEY.map(([key, head, how]): Column<Position> => ({
      id: key,
      head,
      how,
      num: true,
      cell: (position, index) => {
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
    {
      id: 'currency',
      head: 'Currency',
      spoken: true,
      cell: ({ currency }) => <span className="quiet">{currency}</span>,
    },
  ];
  return (
    <Table name="Positions" columns={columns} rows={rows} keyOf={({ symbol, currency }) => `${symbol}/${currency}`} />
  );
}

const TOTALS: readonly [keyof PortfolioTotals, string, string][] = [
  ['value', 'Value', 'Positions and cash in the base currency'],
  ['market_value', 'Positions', 'Sum over positions, quantity x price'],
  ['cash', 'Cash', 'Of all currencies, at the last exchange rates'],
  ['cost_basis', 'Cost basis', 'Sum over positions'],
  ['unrealised', 'Unrealised', 'Value of positions - cost basis'],
  ['realised', 'Realised', 'What closing lots made'],
  ['dividends', 'Dividends', 'Received'],
  ['interest', 'Interest', 'Received'],
  ['fees', 'Fees', 'Of trades, and charged'],
  ['taxes', 'Taxes', 'Paid'],
];

export const Totals = ({ totals, currency }: { totals: PortfolioTotals; currency: string }): ReactNode => (
  <Figures>
    {TOTALS.map(([key, label, how]) => (
      <MoneyFigure
        key={key}
        label={label}
        how={how}
        value={totals[key]}
        why={totals[key] === null ? SEE_NOTE : ''}
        currency={currency}
        signed={key === 'unrealised' || key === 'realised'}
      />
    ))}
  </Figures>
);

const ACCOUNTS: readonly [Exclude<keyof Account, 'currency'>, string, string][] = [
  ['cash', 'Cash', 'What is there; below zero what is owed'],
  ['deposits', 'Deposits', 'From outside'],
  ['withdrawals', 'Withdrawals', 'To outside'],
  ['dividends', 'Dividends', 'Received'],
  ['interest', 'Interest', 'Received'],
  ['fees', 'Fees', 'Of trades, and charged'],
  ['taxes', 'Taxes', 'Paid'],
  ['realised', 'Realised', 'What closing lots of symbols traded in this currency made'],
];

export function Accounts({ rows }: { rows: readonly Account[] }): ReactNode {
  return (
    <Section title="Accounts" note="the money of each currency, as it moved">
      {rows.length === 0 ? (
        <Empty>No deposit, withdrawal or trade moved cash yet.</Empty>
      ) : (
        <Table
          name="Accounts"
          rows={rows}
          keyOf={({ currency }) => currency}
          columns={[
            { id: 'currency', head: 'Currency', cell: ({ currency }) => currency },
            ...ACCOUNTS.map(([key, head, how]) =>
              moneyColumn(rows, {
                id: key,
                head,
                how,
                of: (row) => row[key],
                why: ({ currency }) => `a movement of ${currency} could not be read; see the note at the top`,
                signed: key === 'realised',
              }),
            ),
          ]}
        />
      )}
    </Section>
  );
}

const WAYS: Partial<Record<string, string>> = { asset_class: 'asset class' };
export const wayOf = (by: string): string => WAYS[by] ?? by.replaceAll('_', ' ');

/** One of several ways to group; the choice is in the address. */
export function Ways({ name, ways, shown, param }: WaysProps): ReactNode {
  const [, set] = useParams();
  return (
    <div className="choices small" role="group" aria-label={name}>
      {ways.map((by) => (
        <button key={by} aria-pressed={by === shown} onClick={() => set({ [param]: by })}>
          {wayOf(by)}
        </button>
      ))}
    </div>
  );
}
interface WaysProps {
  name: string;
  ways: readonly string[];
  shown: string;
  /** Parameter of the address that holds the choice. */
  param: string;
}

/** What the value is made of, the largest part first. */
export function Allocations({ all, currency }: { all: readonly Allocation[] | null; currency: string }): ReactNode {
  const [search] = useParams();
  const asked = search.get('by');
  const shown = all?.find(({ by }) => by === asked) ?? all?.find(({ by }) => by === 'asset_class') ?? all?.[0];
  const rows = [...(shown?.parts ?? [])].sort((a, b) => Number(b.share ?? 0) - Number(a.share ?? 0));
  return (
    <Section
      title="Allocation"
      note="shares of the total value"
      actions={
        all !== null &&
        shown !== undefined && <Ways name="Allocation by" param="by" ways={all.map(({ by }) => by)} shown={shown.by} />
      }
    >
      {all === null ? (
        <Empty>Shares of the total value are not known while that is not; the note at the top says why.</Empty>
      ) : rows.length === 0 ? (
        <Empty>Nothing is held and no cash is there.</Empty>
      ) : (
        <Table
          name="Allocation"
          rows={rows}
          keyOf={({ name }) => name}
          columns={[
            { id: 'name', head: wayOf(shown?.by ?? ''), cell: ({ name }) => name },
            moneyColumn(rows, { id: 'value', head: `Value, ${currency}`, of: ({ value }) => value }),
            {
              id: 'share',
              head: 'Share',
              num: true,
              how: 'Of the total value, cash included',
              cell: ({ share }) => <ShareBar share={share} why="the total value is not above zero" />,
            },
          ]}
        />
      )}
    </Section>
  );
}

export function Flags({ rows }: { rows: readonly Flag[] }): ReactNode {
  return (
    <Section title="Flags" note="events that do not fit together">
      {rows.length === 0 ? (
        <Empty>Every event fits.</Empty>
      ) : (
        <Table
          name="Flags"
          rows={rows}
          keyOf={(row, i) => `${row.event_id}/${i}`}
          columns={[
            { id: 'reason', head: 'Reason', cell: (row) => row.reason },
            { id: 'event', head: 'Event', cell: (row) => <code>{row.event_id}</code> },
          ]}
        />
      )}
    </Section>
  );
}
