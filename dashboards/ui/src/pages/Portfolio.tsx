import type { ReactNode } from 'react';
import { address } from '../api/client';
import { useApi } from '../api/hooks';
import type { PortfolioBody } from '../api/portfolio';
import { adviserPath, clientPath, Link, lookupPath } from '../components/Link';
import { Page, Section } from '../components/Page';
import { Answer, Empty, Reasons } from '../components/State';
import { portfolioSentence } from '../lib/sentences';
import { useMay } from '../lib/session';
import { useKept, useView, ViewControls } from './PortfolioControls';
import { Accounts, Allocations, Flags, Positions, Totals } from './PortfolioHoldings';
import { PerformanceSection } from './PortfolioPerformance';

/** Positions to the last digit, as the server writes them. */
function Downloads({ path }: { path: string }): ReactNode {
  const view = useView();
  const href = (format: string): string => address(`${path}/positions`, { ...view, format });
  return (
    <span className="row small">
      <a href={href('csv')} download title="Positions with all their digits, as CSV">
        CSV
      </a>
      <a href={href('parquet')} download title="Positions with decimals as decimals, as Parquet">
        Parquet
      </a>
    </span>
  );
}

function Whose({ customer_id: customer, adviser_id: adviser }: PortfolioBody): ReactNode {
  const kept = useKept();
  const lookup = useMay('lookup');
  return (
    <p className="row small">
      {customer === null ? (
        <span className="quiet">No booking names a client</span>
      ) : (
        <>
          <Link to={clientPath(customer)} with={kept}>
            All portfolios of client {customer}
          </Link>
          {lookup && <Link to={lookupPath(customer)}>Look up {customer}</Link>}
        </>
      )}
      {adviser === null ? (
        <span className="quiet">No booking names an adviser</span>
      ) : (
        <Link to={adviserPath(adviser)} with={kept}>
          Book of adviser {adviser}
        </Link>
      )}
    </p>
  );
}

function Holdings({ body, path }: { body: PortfolioBody; path: string }): ReactNode {
  return (
    <>
      <Section title="Positions" note="hover a figure for all its digits" actions={<Downloads path={path} />}>
        {body.positions.length === 0 ? (
          <Empty>Nothing is held at this moment; order.filled events open positions.</Empty>
        ) : (
          <Positions rows={body.positions} />
        )}
      </Section>
      <Accounts rows={body.accounts} />
      <div className="two">
        <Allocations all={body.allocations} currency={body.base_currency ?? ''} />
        <Flags rows={body.flags} />
      </div>
    </>
  );
}

export default function Portfolio({ found }: { found: Record<string, string> }): ReactNode {
  const id = found['portfolio'] ?? '';
  const path = `/api/v1/portfolios/${encodeURIComponent(id)}`;
  const view = useView();
  const live = view.as_of === null;
  const query = useApi<PortfolioBody>(path, { ...view }, { live });
  const { data } = query;
  const waiting = query.error === null ? `Reading portfolio ${id}\u2026` : `Portfolio ${id} cannot be shown.`;
  const known = data === undefined ? [] : [...data.accounts, ...data.positions].map(({ currency }) => currency);
  return (
    <Page
      title={`Portfolio ${id}`}
      sentence={data === undefined ? waiting : portfolioSentence(data)}
      aside={
        <>
          <ViewControls shown={data?.as_of} known={known} />
          {data !== undefined && <Whose {...data} />}
        </>
      }
    >
      <Answer query={query} height={160}>
        {(body) => (
          <>
            <Reasons reasons={body.unavailable} />
            <Totals totals={body.totals} currency={body.base_currency ?? ''} />
          </>
        )}
      </Answer>
      {(data !== undefined || query.error === null) && <PerformanceSection path={`${path}/performance`} live={live} />}
      {data !== undefined && <Holdings body={data} path={path} />}
    </Page>
  );
}
