import type { ReactNode } from 'react';
import type { PerformanceBody, SymbolContribution } from '../api/portfolio';
import { moneyColumn, NotKnown } from '../components/Money';
import { Section } from '../components/Page';
import { Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { asSentence } from '../lib/format';
import { formatReturn, reasonOf } from '../lib/performance';
import { useParams } from '../lib/router';
import { Ways, wayOf } from './PortfolioHoldings';

const nameOf = ({ symbol }: SymbolContribution): string => symbol ?? 'cash';

interface Contributing {
  contribution: number | null;
}
const contributionColumn = <T extends Contributing>(why: string): Column<T> => ({
  id: 'contribution',
  head: 'Contribution',
  num: true,
  how: 'Gain over the average capital of the whole; they add up to the modified Dietz return',
  by: ({ contribution }) => contribution,
  cell: ({ contribution }) => (contribution === null ? <NotKnown why={why} /> : formatReturn(contribution)),
});

function Symbols({ body, rows }: { body: PerformanceBody; rows: readonly SymbolContribution[] }): ReactNode {
  const money = (id: 'start_value' | 'end_value' | 'gain', head: string, how: string): Column<SymbolContribution> =>
    moneyColumn(rows, {
      id,
      head: `${head}, ${body.base_currency ?? ''}`,
      how,
      of: (row) => row[id],
      why: (row) => reasonOf(body, `contributions.${nameOf(row)}`),
      signed: id === 'gain',
    });
  return (
    <Table
      name="Contributions"
      sortParam="made"
      rows={rows}
      keyOf={nameOf}
      columns={[
        { id: 'symbol', head: 'Symbol', by: nameOf, cell: nameOf },
        money('start_value', 'At the start', 'Worth at the close of the first day'),
        money('end_value', 'At the end', 'Worth at the close of the last day'),
        money('gain', 'Gain', 'Value gained, dividends and sales, less purchases, fees and taxes'),
        contributionColumn(reasonOf(body, 'contributions')),
      ]}
    />
  );
}

function Labels({ body, by }: { body: PerformanceBody; by: string }): ReactNode {
  const rows = body.by_label.find((one) => one.by === by)?.parts ?? [];
  return (
    <Table
      name="Contributions"
      sortParam="made"
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { id: 'name', head: wayOf(by), by: ({ name }) => name, cell: ({ name }) => name },
        moneyColumn(rows, {
          id: 'gain',
          head: `Gain, ${body.base_currency ?? ''}`,
          how: 'Sum of the gains of its symbols',
          of: ({ gain }) => gain,
          why: () => 'the gain of one of its symbols is not known',
          signed: true,
        }),
        contributionColumn(reasonOf(body, 'contributions')),
      ]}
    />
  );
}

/** The symbols that made or lost most. */
function Movers({ name, rows, currency }: { name: string; rows: SymbolContribution[]; currency: string }): ReactNode {
  return (
    <Section title={name}>
      {rows.length === 0 ? (
        <p className="quiet">None.</p>
      ) : (
        <Table
          name={name}
          rows={rows}
          keyOf={nameOf}
          columns={[
            { id: 'symbol', head: 'Symbol', cell: nameOf },
            moneyColumn(rows, { id: 'gain', head: `Gain, ${currency}`, of: ({ gain }) => gain, signed: true }),
          ]}
        />
      )}
    </Section>
  );
}

/** What each symbol, or each label of symbols, added to the return, and what moved it most. */
export function Contributions({ body }: { body: PerformanceBody }): ReactNode {
  const [search] = useParams();
  const { contributions: rows, movers, by_label: labels } = body;
  if (rows === null)
    return (
      <Section title="Contributions">
        <Empty>{asSentence(`contributions are not known: ${reasonOf(body, 'contributions')}`)}</Empty>
      </Section>
    );
  const by = labels.find((one) => one.by === search.get('made-by'))?.by ?? 'symbol';
  const currency = body.base_currency ?? '';
  return (
    <div className="wide-left">
      <Section
        title="Contributions"
        note="parts of the modified Dietz return"
        actions={
          <Ways name="Contributions by" param="made-by" ways={['symbol', ...labels.map((one) => one.by)]} shown={by} />
        }
      >
        {rows.length === 0 ? (
          <Empty>Nothing was held and nothing moved in this period.</Empty>
        ) : by === 'symbol' ? (
          <Symbols body={body} rows={rows} />
        ) : (
          <Labels body={body} by={by} />
        )}
      </Section>
      <div className="stack-wide">
        <Movers name="Top gains" rows={movers.gains} currency={currency} />
        <Movers name="Top losses" rows={movers.losses} currency={currency} />
      </div>
    </div>
  );
}
