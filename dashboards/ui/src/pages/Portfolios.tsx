import type { ReactNode, SubmitEvent } from 'react';
import { useApi } from '../api/hooks';
import type { PortfolioRow, PortfoliosBody } from '../api/portfolio';
import { clientPath, Link, portfolioPath } from '../components/Link';
import { Page } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { trimmed } from '../lib/form';
import { formatExact, plural } from '../lib/format';
import { useParams } from '../lib/router';

const MOST = 200;

export default function Portfolios(): ReactNode {
  const query = useApi<PortfoliosBody>('/api/v1/portfolios');
  const [search, set] = useParams();
  const filter = search.get('filter') ?? '';
  const all = query.data?.portfolios ?? [];
  const fits = all.filter(({ id, customer_id }) => `${id} ${customer_id}`.toLowerCase().includes(filter.toLowerCase()));
  const trades = all.reduce((sum, row) => sum + row.trades, 0);
  const columns: Column<PortfolioRow>[] = [
    { id: 'id', head: 'Portfolio', by: (r) => r.id, cell: (r) => <Link to={portfolioPath(r.id)}>{r.id}</Link> },
    {
      id: 'customer',
      head: 'Customer',
      by: (r) => r.customer_id,
      cell: (r) => (r.customer_id === '' ? '' : <Link to={clientPath(r.customer_id)}>{r.customer_id}</Link>),
    },
    { id: 'trades', head: 'Trades', num: true, by: (r) => r.trades, cell: (r) => formatExact(r.trades) },
  ];
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    set({ filter: trimmed(new FormData(event.currentTarget), 'filter') });
  };
  return (
    <Page
      title="Portfolios"
      sentence={
        query.data === undefined
          ? 'Reading the portfolios\u2026'
          : all.length === 0
            ? 'No portfolio has traded yet.'
            : `${query.data.truncated ? 'The busiest ' : ''}${plural(all.length, 'portfolio')} made ${plural(trades, 'trade')}${query.data.truncated ? '; there are more' : ''}.`
      }
    >
      <form className="row" onSubmit={submit} key={filter}>
        <input
          name="filter"
          type="search"
          defaultValue={filter}
          placeholder="Portfolio or customer"
          aria-label="Filter"
          spellCheck={false}
        />
        <button>Filter</button>
        <Link to="/assets">What all of them hold together</Link>
      </form>
      <Answer query={query} height={360}>
        {() =>
          fits.length === 0 ? (
            <Empty>
              {all.length === 0
                ? 'Portfolios come from order.filled events; they appear with the first trade.'
                : `None of ${all.length} portfolios contains "${filter}".`}
            </Empty>
          ) : (
            <>
              <Table name="Portfolios" columns={columns} rows={fits.slice(0, MOST)} keyOf={(r) => r.id} />
              {fits.length > MOST && (
                <p className="quiet small">
                  {plural(fits.length - MOST, 'more portfolio')} not shown; narrow the filter.
                </p>
              )}
            </>
          )
        }
      </Answer>
    </Page>
  );
}
