import { useMemo, type ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { PerformanceBody } from '../api/portfolio';
import { TimeChart } from '../charts/TimeChart';
import { MoneyFigure } from '../components/Money';
import { Figures, Section } from '../components/Page';
import { PeriodPicker } from '../components/PeriodPicker';
import { Answer, Empty, Reasons } from '../components/State';
import { Table, type Column } from '../components/Table';
import { asSentence } from '../lib/format';
import {
  benchmarkFigures,
  performanceSentence,
  reasonOf,
  returnFigures,
  riskFigures,
  riskNote,
  type Told,
  type ToldReturn,
} from '../lib/performance';
import { drawdownSpec, flowSpec, indexSpec, valueSpec } from '../lib/performance-charts';
import { PRESETS } from '../lib/period';
import { useParams } from '../lib/router';
import { usePeriod } from '../lib/use-period';
import { AttributionSection, BenchmarkForms } from './PortfolioBenchmark';
import { Contributions } from './PortfolioContributions';
import { useView } from './PortfolioControls';

const MONEY = [
  ['start_value', 'At the start', 'Worth at the close of the first day; 0 where nothing was there yet', false],
  ['inflows', 'Paid in', 'From outside after the first day', false],
  ['outflows', 'Taken out', 'To outside after the first day', false],
  ['gain', 'Gain', 'End - start - paid in + taken out: what was earned, fees and taxes paid', true],
  ['end_value', 'At the end', 'Worth at the close of the last day', false],
] as const;

function Charts({ body }: { body: PerformanceBody }): ReactNode {
  const specs = useMemo(
    () => ({ value: valueSpec(body), flow: flowSpec(body), index: indexSpec(body), drawdown: drawdownSpec(body) }),
    [body],
  );
  const currency = body.base_currency ?? '';
  if (body.index.length === 0)
    return <Empty>{asSentence(`there is no index day by day: ${reasonOf(body, 'index')}`)}</Empty>;
  return (
    <div className="two">
      <div className="stack-wide">
        <TimeChart
          id="portfolio-value"
          facts={{ currency }}
          title="Value"
          unit={`${currency}, at the close of each day`}
          spec={specs.value}
        />
        <TimeChart
          id="portfolio-flows"
          facts={{ currency }}
          title="Flows"
          unit={`${currency} a day, below zero taken out`}
          spec={specs.flow}
        />
      </div>
      <div className="stack-wide">
        <TimeChart
          id="portfolio-index"
          title="Index"
          unit="time-weighted return since the beginning"
          spec={specs.index}
        />
        <TimeChart id="portfolio-drawdown" title="Drawdown" unit="below the highest so far" spec={specs.drawdown} />
      </div>
    </div>
  );
}

const means = ({ how, why }: Told): ReactNode =>
  why === '' ? how : <span className="quiet">{asSentence(`not known: ${why}`)}</span>;
const NAME: Column<Told> = { id: 'name', head: 'Figure', cell: ({ name }) => <span className="nowrap">{name}</span> };
const HOW: Column<Told> = { id: 'how', head: 'How it is made', cell: means };
const hinted = (value: string, hint: string): ReactNode => <span title={asSentence(hint)}>{value}</span>;
const VALUE: Column<Told> = {
  id: 'value',
  head: 'Value',
  num: true,
  cell: ({ value, how, why }) => hinted(value, why === '' ? how : why),
};

const RETURNS: readonly Column<ToldReturn>[] = [
  NAME,
  { ...VALUE, head: 'Period' },
  {
    id: 'year',
    head: 'A year',
    num: true,
    cell: ({ year, how, yearWhy }) => hinted(year, yearWhy === '' ? how : yearWhy),
  },
  {
    ...HOW,
    cell: (row: ToldReturn) => (
      <>
        {means(row)}
        {row.why === '' && row.yearWhy !== '' && (
          <span className="quiet small below">{asSentence(`a year: ${row.yearWhy}`)}</span>
        )}
      </>
    ),
  },
];

const ToldTable = ({ name, rows }: { name: string; rows: readonly Told[] }): ReactNode => (
  <Table name={name} columns={[NAME, VALUE, HOW]} rows={rows} keyOf={({ id }) => id} />
);

function Body({ body }: { body: PerformanceBody }): ReactNode {
  const currency = body.base_currency ?? '';
  const missing = Object.values(body.unavailable).flatMap((why) => (why?.missing === true ? why.reason : []));
  const symbols = (body.contributions ?? []).flatMap(({ symbol }) => symbol ?? []);
  return (
    <>
      <Reasons reasons={missing} />
      <Figures>
        {MONEY.map(([key, label, how, signed]) => (
          <MoneyFigure
            key={key}
            label={label}
            how={how}
            value={body[key]}
            currency={currency}
            why={body[key] === null ? reasonOf(body, key) : ''}
            signed={signed}
          />
        ))}
      </Figures>
      <Charts body={body} />
      <div className="two">
        <div className="stack-wide">
          <Section title="Returns" note="after fees and taxes">
            <Table name="Returns" columns={RETURNS} rows={returnFigures(body)} keyOf={({ id }) => id} />
          </Section>
          <Section title="Benchmark" actions={<BenchmarkForms symbols={symbols} />}>
            {body.benchmark === null ? (
              <p className="quiet">
                Name a symbol, or a model portfolio, to see beta, alpha, capture and the active return against it.
              </p>
            ) : (
              <ToldTable name="Benchmark" rows={benchmarkFigures(body)} />
            )}
          </Section>
          <AttributionSection body={body} />
        </div>
        <Section title="Risk" note={riskNote(body)}>
          <ToldTable name="Risk" rows={riskFigures(body)} />
        </Section>
      </div>
      <Contributions body={body} />
    </>
  );
}

/** What was made over a period; `path` is whose. */
export function PerformanceSection({ path, live = false }: { path: string; live?: boolean }): ReactNode {
  const [search] = useParams();
  const { as_of: asOf, base, method } = useView();
  const { period, choose, between } = usePeriod('all', asOf);
  const query = useApi<PerformanceBody>(
    path,
    {
      from: period.from,
      to: period.to,
      base,
      method,
      benchmark: search.get('benchmark'),
      benchmark_portfolio: search.get('benchmark_portfolio'),
      attribute_by: search.get('attribute_by'),
    },
    { live: live && period.to === null },
  );
  return (
    <>
      <Section
        title="Performance"
        actions={<PeriodPicker period={period} presets={PRESETS} choose={choose} between={between} />}
      >
        {query.data !== undefined && (
          <p role="status" data-testid="performance">
            {performanceSentence(query.data)}
          </p>
        )}
      </Section>
      <Answer query={query} height={720}>
        {(body) => <Body body={body} />}
      </Answer>
    </>
  );
}
