import type { ReactNode, SubmitEvent } from 'react';
import type { Effects, PerformanceBody } from '../api/portfolio';
import { Section } from '../components/Page';
import { Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { trimmed } from '../lib/form';
import { asSentence } from '../lib/format';
import { formatReturn, reasonOf } from '../lib/performance';
import { useParams } from '../lib/router';
import { Ways } from './PortfolioHoldings';

/** What to compare with, in the address under `param`. */
function BenchmarkForm({ param, what, known }: { param: string; what: string; known: readonly string[] }): ReactNode {
  const [search, set] = useParams();
  const shown = search.get(param) ?? '';
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    set({ [param]: trimmed(new FormData(event.currentTarget), param) });
  };
  return (
    <form className="row small" onSubmit={submit} key={shown} aria-label={`Compare with a ${what}`}>
      <input
        name={param}
        defaultValue={shown}
        list={`${param}-known`}
        placeholder={what}
        aria-label={`Benchmark ${what}`}
        spellCheck={false}
        size={12}
      />
      <datalist id={`${param}-known`}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button>Compare</button>
      {shown !== '' && (
        <button type="button" className="plain" onClick={() => set({ [param]: null })}>
          None
        </button>
      )}
    </form>
  );
}

/** A symbol to compare with, or a portfolio. */
export function BenchmarkForms({ symbols }: { symbols: readonly string[] }): ReactNode {
  return (
    <div className="row">
      <BenchmarkForm param="benchmark" what="symbol" known={symbols} />
      <BenchmarkForm param="benchmark_portfolio" what="portfolio" known={[]} />
    </div>
  );
}

interface Row extends Effects {
  name: string;
}

const effect = (id: keyof Effects, head: string, how: string): Column<Row> => ({
  id,
  head,
  how,
  num: true,
  by: (row) => row[id],
  cell: (row) => formatReturn(row[id]),
});

const COLUMNS: readonly Column<Row>[] = [
  { id: 'name', head: 'Segment', by: ({ name }) => name, cell: ({ name }) => name },
  effect('allocation', 'Allocation', 'From holding more or less of the segment than the benchmark'),
  effect('selection', 'Selection', 'From other holdings in the segment than the benchmark\u2019s'),
  effect('interaction', 'Interaction', 'From both together'),
  {
    id: 'total',
    head: 'Together',
    num: true,
    by: ({ allocation, selection, interaction }) => allocation + selection + interaction,
    cell: ({ allocation, selection, interaction }) => formatReturn(allocation + selection + interaction),
  },
];

/** Where the return beyond a benchmark portfolio's came from (Brinson and Fachler). */
export function AttributionSection({ body }: { body: PerformanceBody }): ReactNode {
  const [search] = useParams();
  const other = search.get('benchmark_portfolio');
  if (other === null) return null;
  const { attribution } = body;
  const ways = ['sector', ...body.by_label.map(({ by }) => by).filter((by) => by !== 'sector'), 'symbol'];
  const shown = search.get('attribute_by') ?? 'sector';
  return (
    <Section
      title="Attribution"
      note={`the return beyond that of portfolio ${other}`}
      actions={<Ways name="Attribution by" param="attribute_by" ways={ways} shown={shown} />}
    >
      {attribution === null ? (
        <Empty>{asSentence(`it cannot be attributed: ${reasonOf(body, 'attribution')}`)}</Empty>
      ) : (
        <>
          <p role="status" data-testid="attribution">
            {`The portfolio made ${formatReturn(attribution.portfolio)}, portfolio ${other} ${formatReturn(attribution.benchmark)}: ${formatReturn(attribution.active)} beyond it.`}
          </p>
          <Table
            name="Attribution"
            sortParam="attributed"
            columns={COLUMNS}
            rows={[...attribution.segments, { name: 'all', ...attribution.total }]}
            keyOf={({ name }) => name}
          />
        </>
      )}
    </Section>
  );
}
