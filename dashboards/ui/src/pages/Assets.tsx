import { useMemo, type ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { AssetPosition, AssetsBody, Cohort } from '../api/portfolio';
import { TimeChart } from '../charts/TimeChart';
import { Link } from '../components/Link';
import { moneyColumn, SEE_NOTE, ShareBar } from '../components/Money';
import { Page, Section } from '../components/Page';
import { PeriodPicker } from '../components/PeriodPicker';
import { Answer, Empty, Reasons } from '../components/State';
import { Table } from '../components/Table';
import {
  assetsSentence,
  assetsSpec,
  cohortOf,
  completeWords,
  flowsSpec,
  formatMonth,
  incomeSpec,
  lastDay,
} from '../lib/assets';
import { formatDecimal } from '../lib/decimal';
import { formatAgo, formatExact, plural } from '../lib/format';
import { dayAfter, dayOf, PRESETS } from '../lib/period';
import { useParams } from '../lib/router';
import { usePeriod } from '../lib/use-period';
import { AssetsFigures } from './AssetsFigures';
import { AsOf, BaseCurrency } from './PortfolioControls';

/** The API tells up to ten years day by day and does not know where all began. */
const PERIODS = PRESETS.filter((preset) => preset !== 'all');
/** Positions that are shown, the largest first. */
const MOST = 50;

function Positions({ body }: { body: AssetsBody }): ReactNode {
  const rows = body.positions.slice(0, MOST);
  const more = body.positions.length - rows.length;
  const why = ({ unavailable }: AssetPosition): string => unavailable ?? 'the whole value is not known';
  return (
    <Section title="Positions" note={`at the end of the period, in ${body.base_currency}`}>
      {rows.length === 0 ? (
        <Empty>Nothing is held at the end of this period.</Empty>
      ) : (
        <>
          <Table
            name="Positions"
            rows={rows}
            keyOf={({ symbol, currency }) => `${symbol}/${currency}`}
            columns={[
              { id: 'symbol', head: 'Symbol', by: (r) => r.symbol, cell: (r) => r.symbol ?? 'cash' },
              { id: 'currency', head: 'Currency', by: (r) => r.currency, cell: (r) => r.currency },
              {
                id: 'quantity',
                head: 'Quantity',
                num: true,
                how: 'Pieces, or money',
                cell: (r) => <span title={r.quantity}>{formatDecimal(r.quantity, { least: 0, most: 4 })}</span>,
              },
              moneyColumn(rows, { id: 'value', head: `Value, ${body.base_currency}`, of: (r) => r.value, why }),
              {
                id: 'share',
                head: 'Share',
                num: true,
                how: 'Of the whole value, cash included',
                cell: (r) => <ShareBar share={r.share} why={why(r)} />,
              },
            ]}
          />
          {more > 0 && <p className="quiet small">{plural(more, 'smaller position')} not shown.</p>}
        </>
      )}
    </Section>
  );
}

function Cohorts({ body, picked }: { body: AssetsBody; picked: string | null }): ReactNode {
  const rows = body.cohorts;
  const kept = useAssetsParams();
  const why = (): string => SEE_NOTE;
  const to = ({ month }: Cohort): string => `/assets?cohort=${cohortOf(month)}`;
  return (
    <Section
      title="Cohorts"
      note="by the month of the first booking; a click narrows the page to one"
      actions={
        picked !== null && (
          <Link to="/assets" with={{ ...kept, cohort: null }}>
            All cohorts
          </Link>
        )
      }
    >
      <Table
        name="Cohorts"
        sortParam="cohort-sort"
        rows={rows}
        keyOf={({ month }) => month}
        picked={({ month }) => cohortOf(month) === picked}
        columns={[
          {
            id: 'month',
            head: 'Began in',
            by: ({ month }) => month,
            cell: (row) => (
              <Link to={to(row)} with={kept} aria-current={cohortOf(row.month) === picked ? 'true' : undefined}>
                {formatMonth(row.month)}
              </Link>
            ),
          },
          {
            id: 'portfolios',
            head: 'Portfolios',
            num: true,
            by: (r) => r.portfolios,
            cell: (r) => formatExact(r.portfolios),
          },
          moneyColumn(rows, { id: 'value', head: `Value, ${body.base_currency}`, of: (r) => r.value, why }),
          moneyColumn(rows, {
            id: 'known',
            head: 'Of which known',
            how: 'Everything whose value is known',
            of: (r) => r.known_value,
          }),
          moneyColumn(rows, {
            id: 'net',
            head: 'Net flow',
            how: 'What came in less what went out over the period',
            of: (r) => r.net_flow,
            why,
          }),
        ]}
      />
    </Section>
  );
}

function Charts({ body }: { body: AssetsBody }): ReactNode {
  const specs = useMemo(() => [assetsSpec(body), flowsSpec(body), incomeSpec(body)] as const, [body]);
  const { base_currency: currency } = body;
  return (
    <>
      <TimeChart
        id="assets-value"
        facts={{ currency }}
        title="Assets under management"
        unit={`${currency}, at the end of each day`}
        spec={specs[0]}
      />
      <div className="two">
        <TimeChart
          id="assets-flows"
          facts={{ currency }}
          title="Flows"
          unit={`${currency} a day, out below zero`}
          spec={specs[1]}
        />
        <TimeChart
          id="assets-income"
          facts={{ currency }}
          title="Income and fees"
          unit={`${currency} a day`}
          spec={specs[2]}
        />
      </div>
    </>
  );
}

function Freshness({ until }: { until: string | null }): ReactNode {
  const now = Date.now();
  return (
    <span
      className={until === null ? 'amber small' : 'quiet small'}
      data-testid="freshness"
      title={
        until === null
          ? 'Sums of bookings follow within seconds'
          : `Bookings stored by then are in: ${formatAgo(until, now)}`
      }
    >
      {completeWords(until, now)}
    </span>
  );
}

/** What links within the page keep. */
function useAssetsParams(): Record<string, string | null> {
  const [search] = useParams();
  return { base: search.get('base'), period: search.get('period'), as_of: search.get('as_of') };
}

export default function Assets(): ReactNode {
  const [search] = useParams();
  const cohort = search.get('cohort');
  const moment = search.get('as_of');
  const { period, choose, between } = usePeriod('1m', moment);
  // A preset begins with the close of a day; here the first day is told too.
  const from = period.preset === null || period.from === null ? period.from : dayAfter(period.from);
  const query = useApi<AssetsBody>(
    '/api/v1/assets',
    { from, to: period.to, as_of: period.to === dayOf(moment) ? moment : null, base: search.get('base'), cohort },
    { live: period.to === null },
  );
  const { data } = query;
  const waiting = query.error === null ? 'Summing up all portfolios\u2026' : 'The assets could not be read.';
  const last = data === undefined ? undefined : lastDay(data);
  return (
    <Page
      title="Assets"
      sentence={data === undefined ? waiting : assetsSentence(data, cohort === null ? null : `${cohort}-01`)}
      aside={
        <>
          <div className="row">
            <PeriodPicker period={{ ...period, from }} presets={PERIODS} choose={choose} between={between} />
            <div className="row small">
              <AsOf />
              <BaseCurrency known={[]} usual="USD" />
            </div>
          </div>
          {data !== undefined && (
            <p>
              <Freshness until={data.complete_until} />
            </p>
          )}
        </>
      }
    >
      <Answer query={query} height={640}>
        {(body) => (
          <>
            <Reasons reasons={body.unavailable}>
              {last?.value === null &&
                `What is known comes to ${formatDecimal(last.known_value, { most: 2 })} ${body.base_currency}.`}
            </Reasons>
            <AssetsFigures body={body} cohort={cohort} />
            <Charts body={body} />
            <div className="two">
              <Positions body={body} />
              <Cohorts body={body} picked={cohort} />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}
