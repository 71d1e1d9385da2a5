import { useState, type ReactNode, type SubmitEvent } from 'react';
import { useRangedApi } from '../api/hooks';
import type { RedBody, RedGroup, SeriesPoint } from '../api/service';
import type { ChartId } from '../charts/explain';
import { TimeChart } from '../charts/TimeChart';
import { Choices } from '../components/Choices';
import { Section } from '../components/Page';
import { Spark } from '../components/Spark';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { asSentence, formatCount, formatDuration, formatExact, formatPercent, formatRate, plural } from '../lib/format';
import { quantileOf } from '../lib/quantiles';
import { useParams } from '../lib/router';
import { everyStep, onOneAxis } from '../lib/series';
import { useRange } from '../lib/use-range';

const BY: readonly [string, string][] = [
  ['version', 'Version'],
  ['region', 'Region'],
  ['operation', 'Operation'],
  ['tenant', 'Tenant'],
];
const ATTRIBUTE = 'attribute:';
/** Lines of one chart. */
const LINES = 8;

interface Measure {
  id: string;
  chart: ChartId;
  label: string;
  unit: string;
  of: (point: SeriesPoint, step: number) => number | null;
  format: (value: number | null) => string;
  log?: boolean;
}
const MEASURES: readonly [Measure, ...Measure[]] = [
  {
    id: 'calls',
    chart: 'split-calls',
    label: 'Calls',
    unit: 'a second',
    of: ({ calls }, step) => calls / step,
    format: formatCount,
  },
  {
    id: 'failed',
    chart: 'split-failed',
    label: 'Failed',
    unit: 'share of calls',
    of: ({ calls, errors }) => (calls === 0 ? null : errors / calls),
    format: formatPercent,
  },
  {
    id: 'p95',
    chart: 'split-p95',
    label: 'p95',
    unit: '95th percentile, log scale',
    of: ({ p95_ns }) => p95_ns,
    format: formatDuration,
    log: true,
  },
];

const nameOf = ({ value }: RedGroup): string => (value === '' ? 'without one' : value);

function sentenceOf({ groups, left_out, unavailable }: RedBody, what: string): string {
  if (unavailable !== null) return asSentence(unavailable);
  const all = groups.length + left_out;
  const worst = [...groups].sort((a, b) => (b.error_rate ?? 0) - (a.error_rate ?? 0))[0];
  const slow = [...groups].sort(
    (a, b) => (quantileOf(b.quantiles, 0.95) ?? 0) - (quantileOf(a.quantiles, 0.95) ?? 0),
  )[0];
  if (worst === undefined || slow === undefined) return `No call has a ${what}.`;
  if (all === 1) return `All calls have one ${what}: ${nameOf(worst)}.`;
  const tail = `slowest, 95 of 100 done within ${formatDuration(quantileOf(slow.quantiles, 0.95))}`;
  const head = `Of ${plural(all, what)}`;
  if (worst.errors === 0) return `${head} none fails; ${nameOf(slow)} is ${tail}.`;
  const fails = `${nameOf(worst)} fails most, ${formatPercent(worst.error_rate)}`;
  return worst === slow ? `${head} ${fails}, and is ${tail}.` : `${head} ${fails}; ${nameOf(slow)} is ${tail}.`;
}

function Chart({ body, measure, what }: { body: RedBody; measure: Measure; what: string }): ReactNode {
  const { from, to } = useRange();
  const shown = body.groups.slice(0, LINES);
  const { times, values } = onOneAxis(
    shown.map(({ series }) => series.map((point) => ({ ts: point.ts, value: measure.of(point, body.step_seconds) }))),
  );
  return (
    <TimeChart
      id={measure.chart}
      facts={{ step: body.step_seconds }}
      title={`${measure.label} by ${what}`}
      unit={measure.unit}
      spec={{
        times,
        span: { from, to },
        height: 220,
        format: measure.format,
        ...(measure.log === true ? { scale: 'log' as const } : {}),
        series: shown.map((group, i) => ({
          label: nameOf(group),
          values: values[i] ?? [],
          colour: `series-${i + 1}`,
        })),
      }}
    />
  );
}

function Groups({ body, what }: { body: RedBody; what: string }): ReactNode {
  const range = useRange();
  const between = ({ calls_low: low, calls_high: high }: RedGroup): string =>
    low === high ? '' : `between ${formatExact(low)} and ${formatExact(high)}, from a sample`;
  const quantile = (q: number): Column<RedGroup> => ({
    id: `p${q * 100}`,
    head: `p${q * 100}`,
    num: true,
    by: (r) => quantileOf(r.quantiles, q),
    cell: (r) => formatDuration(quantileOf(r.quantiles, q)),
  });
  const columns: Column<RedGroup>[] = [
    {
      id: 'value',
      head: what.charAt(0).toUpperCase() + what.slice(1),
      by: (r) => r.value,
      cell: (r) => (r.value === '' ? <span className="quiet">without one</span> : r.value),
    },
    {
      id: 'trend',
      head: 'Calls',
      cell: (r) => (
        <Spark
          values={everyStep(
            r.series.map(({ ts, calls }) => ({ ts, count: calls })),
            range,
            body.step_seconds,
          )}
          label={`Calls of ${nameOf(r)} over the range`}
        />
      ),
    },
    {
      id: 'calls',
      head: 'Calls',
      num: true,
      by: (r) => r.calls,
      cell: (r) => <span title={between(r)}>{formatCount(r.calls)}</span>,
    },
    {
      id: 'rate',
      head: 'Calls/s',
      num: true,
      by: (r) => r.calls_per_second,
      cell: (r) => formatRate(r.calls_per_second),
    },
    {
      id: 'failed',
      head: 'Failed',
      num: true,
      by: (r) => r.error_rate,
      cell: (r) => <span title={`${r.errors} of ${r.calls}`}>{formatPercent(r.error_rate)}</span>,
    },
    quantile(0.5),
    quantile(0.95),
    quantile(0.99),
  ];
  return <Table name="Breakdown" columns={columns} rows={body.groups} keyOf={(r) => r.value} sortParam="split-sort" />;
}

function Attribute({ at, go }: { at: string; go: (by: string) => void }): ReactNode {
  const [text, setText] = useState(at);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') go(`${ATTRIBUTE}${text.trim()}`);
  };
  return (
    <form className="row" onSubmit={submit}>
      <input
        value={text}
        aria-label="Another attribute"
        placeholder="another attribute, as order.type"
        spellCheck={false}
        size={32}
        onChange={(event) => setText(event.target.value)}
      />
      <button>Show</button>
    </form>
  );
}

/** Rate, errors and duration of a service by one of its dimensions. */
export function ServiceSplit({ service }: { service: string }): ReactNode {
  const [search, set] = useParams();
  const by = search.get('by') ?? 'version';
  const measure = MEASURES.find(({ id }) => id === search.get('show')) ?? MEASURES[0];
  const attribute = by.startsWith(ATTRIBUTE) ? by.slice(ATTRIBUTE.length) : '';
  const what = BY.find(([id]) => id === by)?.[1].toLowerCase() ?? attribute;
  const query = useRangedApi<RedBody>('/api/v1/red', { by, service, limit: 20 });
  return (
    <Section
      title="Breakdown"
      actions={
        <>
          <Choices label="By" of={BY} chosen={by} choose={(next) => set({ by: next })} />
          <Attribute key={attribute} at={attribute} go={(next) => set({ by: next })} />
        </>
      }
    >
      <Answer query={query} height={420}>
        {(body) => (
          <>
            <p data-testid="split-sentence">{sentenceOf(body, what)}</p>
            {body.groups.length === 0 ? (
              <Empty>Nothing to show for this range; choose a longer one.</Empty>
            ) : (
              <>
                <div>
                  <Choices
                    label="Chart of"
                    of={MEASURES.map(({ id, label }) => [id, label] as const)}
                    chosen={measure.id}
                    choose={(next) => set({ show: next }, true)}
                  />
                </div>
                <Chart body={body} measure={measure} what={what} />
                <Groups body={body} what={what} />
                <p className="small quiet">
                  {body.left_out > 0 && `${plural(body.left_out, 'more value')} with fewer calls not shown. `}
                  {body.sample === null
                    ? 'All calls are counted.'
                    : `Estimated from ${formatCount(body.sample.spans)} spans that were read.`}
                </p>
              </>
            )}
          </>
        )}
      </Answer>
    </Section>
  );
}
