import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { TogetherBody } from '../api/portfolio';
import { clientPath, Link, lookupPath, portfolioPath } from '../components/Link';
import { moneyColumn, MoneyFigure } from '../components/Money';
import { Figure, Figures, Page, Section } from '../components/Page';
import { Answer, Reasons } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatDecimal } from '../lib/decimal';
import { formatExact, plural } from '../lib/format';
import { useMay } from '../lib/session';
import { useKept, useView, ViewControls } from './PortfolioControls';
import { PerformanceSection } from './PortfolioPerformance';

type Part = TogetherBody['portfolios'][number];
/** Portfolios that are shown, the largest first. */
const MOST = 200;
type Whose = 'client' | 'adviser';

function togetherSentence(who: string, body: TogetherBody): string {
  const held = `${who} has ${plural(body.portfolios.length, 'portfolio')}`;
  const amount = (money: string): string => `${formatDecimal(money, { most: 2 })} ${body.base_currency}`;
  if (body.value !== null) return `${held} worth ${amount(body.value)}.`;
  return `${held} that cannot be valued in full; ${amount(body.known_value)} of them are known.`;
}

const MONEY: readonly [keyof Part['totals'], string, string][] = [
  ['value', 'Value', 'Positions and cash'],
  ['cash', 'Cash', 'Of all currencies'],
  ['cost_basis', 'Cost basis', 'What the positions cost'],
  ['unrealised', 'Unrealised', 'Value of positions - cost basis'],
  ['realised', 'Realised', 'What closing lots made'],
  ['fees', 'Fees', 'Of trades, and charged'],
];

function Parts({ body, whose }: { body: TogetherBody; whose: Whose }): ReactNode {
  const kept = useKept();
  const rows = body.portfolios.slice(0, MOST);
  const more = body.portfolios.length - rows.length;
  const why = ({ portfolio_id: id }: Part): string =>
    body.unavailable
      .filter((reason) => reason.startsWith(`${id}: `))
      .map((reason) => reason.slice(id.length + 2))
      .join('; ');
  const columns: Column<Part>[] = [
    {
      id: 'portfolio',
      head: 'Portfolio',
      by: ({ portfolio_id: id }) => id,
      cell: ({ portfolio_id: id }) => (
        <Link to={portfolioPath(id)} with={kept}>
          {id}
        </Link>
      ),
    },
    ...(whose === 'client'
      ? []
      : [
          {
            id: 'client',
            head: 'Client',
            by: ({ customer_id: id }: Part) => id,
            cell: ({ customer_id: id }: Part) =>
              id === null ? (
                <span className="quiet">not named</span>
              ) : (
                <Link to={clientPath(id)} with={kept}>
                  {id}
                </Link>
              ),
          },
        ]),
    ...MONEY.map(([key, head, how]) =>
      moneyColumn(rows, {
        id: key,
        head,
        how: `${how}, in ${body.base_currency}`,
        of: ({ totals }) => totals[key],
        why,
        signed: key === 'unrealised' || key === 'realised',
      }),
    ),
    {
      id: 'flags',
      head: 'Flags',
      num: true,
      how: 'Events that could not be booked as they are',
      by: ({ flags }) => flags.length,
      cell: ({ flags }) => (
        <span title={flags.map(({ reason }) => reason).join('; ')}>{formatExact(flags.length)}</span>
      ),
    },
  ];
  return (
    <>
      <Table name="Portfolios" columns={columns} rows={rows} keyOf={({ portfolio_id: id }) => id} />
      {more > 0 && <p className="quiet small">{plural(more, 'smaller portfolio')} not shown.</p>}
    </>
  );
}

function Worth({ body }: { body: TogetherBody }): ReactNode {
  const { base_currency: currency } = body;
  return (
    <Figures>
      <MoneyFigure
        label="Value"
        how="Sum over the portfolios, positions and cash"
        value={body.value}
        currency={currency}
        why="a portfolio of them is not known; see the note above"
      />
      {body.value === null && (
        <MoneyFigure
          label="Known value"
          how="Sum over the portfolios whose value is known"
          value={body.known_value}
          currency={currency}
        />
      )}
      <Figure
        label="Portfolios"
        value={formatExact(body.portfolios.length)}
        how="To which anything was booked by then"
      />
    </Figures>
  );
}

/** The portfolios of a client or an adviser, each and together. */
function Together({ whose, id }: { whose: Whose; id: string }): ReactNode {
  const path = `/api/v1/${whose}s/${encodeURIComponent(id)}`;
  const view = useView();
  const lookup = useMay('lookup');
  const query = useApi<TogetherBody>(`${path}/portfolios`, { ...view }, { live: view.as_of === null });
  const { data } = query;
  const who = `${whose === 'client' ? 'Client' : 'Adviser'} ${id}`;
  const waiting = query.error === null ? `Reading the portfolios of ${who}\u2026` : `${who} cannot be shown.`;
  return (
    <Page
      title={who}
      sentence={data === undefined ? waiting : togetherSentence(who, data)}
      aside={
        <>
          <ViewControls shown={data?.as_of} known={data === undefined ? [] : [data.base_currency]} />
          <p className="row small">
            <Link to="/portfolios">All portfolios</Link>
            {whose === 'client' && lookup && <Link to={lookupPath(id)}>Look up {id}</Link>}
          </p>
        </>
      }
    >
      <Answer query={query} height={240}>
        {(body) => (
          <>
            <Reasons reasons={body.unavailable.map((reason) => `portfolio ${reason}`)} />
            <Worth body={body} />
            <Section title="Portfolios" note={`in ${body.base_currency}, the largest first`}>
              <Parts body={body} whose={whose} />
            </Section>
          </>
        )}
      </Answer>
      {(data !== undefined || query.error === null) && <PerformanceSection path={`${path}/performance`} />}
    </Page>
  );
}

export const Client = ({ found }: { found: Record<string, string> }): ReactNode => (
  <Together whose="client" id={found['client'] ?? ''} />
);
export const Adviser = ({ found }: { found: Record<string, string> }): ReactNode => (
  <Together whose="adviser" id={found['adviser'] ?? ''} />
);
