import { useEffect, useState, type ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { ListedMetric, MetricsBody } from '../api/metrics';
import { Page, Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatExact, plural } from '../lib/format';
import { KINDS } from '../lib/metrics';
import { useParams } from '../lib/router';
import { useSettled } from '../lib/use-settled';
import { Metric, useMetric } from './Metric';

/** How long the search must rest before it is asked for. */
const REST_MS = 250;

function Found({ rows, chosen }: { rows: readonly ListedMetric[]; chosen: string }): ReactNode {
  const [, set] = useParams();
  const columns: Column<ListedMetric>[] = [
    {
      id: 'name',
      head: 'Metric',
      by: (r) => r.name,
      cell: (r) => (
        <button
          className="plain name"
          title={r.description}
          aria-pressed={r.name === chosen}
          onClick={() => set({ metric: r.name, kind: null, agg: null, by: null, where: null, service: null })}
        >
          {r.name}
        </button>
      ),
    },
    { id: 'kind', head: 'Kind', by: (r) => r.kind, cell: (r) => <span className="quiet">{KINDS[r.kind]}</span> },
    {
      id: 'series',
      head: 'Series',
      num: true,
      how: 'Time series in the last hours of the range',
      by: (r) => r.series,
      cell: (r) => <span title={r.services.join(', ')}>{formatExact(r.series)}</span>,
    },
  ];
  return (
    <Table
      name="Metrics"
      columns={columns}
      rows={rows}
      keyOf={(r) => `${r.name}/${r.kind}`}
      picked={(r) => r.name === chosen}
      sortParam="metric-sort"
    />
  );
}

/** The list: found by a part of the name or the description. */
function Finder({ chosen }: { chosen: string }): ReactNode {
  const [search, set] = useParams();
  const [text, setText] = useState(search.get('q') ?? '');
  const settled = useSettled(text, REST_MS);
  useEffect(() => set({ q: settled }, true), [settled, set]);
  const query = useRangedApi<MetricsBody>('/api/v1/metrics', { q: settled.trim() });
  return (
    <Section title="Find">
      <input
        type="search"
        value={text}
        aria-label="Part of a metric's name or description"
        placeholder="name or description"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
      <Answer query={query} height={320}>
        {(body) =>
          body.metrics.length === 0 ? (
            <Empty>
              {settled === ''
                ? 'No metric was reported in the last hours of this range. Point an OpenTelemetry exporter at port 4317 or 4318, or choose another range.'
                : `No metric of the last hours of this range has "${settled}" in its name or description.`}
            </Empty>
          ) : (
            <>
              <Found rows={body.metrics} chosen={chosen} />
              {body.truncated && <p className="small quiet">There are more: type a part of the name.</p>}
            </>
          )
        }
      </Answer>
    </Section>
  );
}

/** Any number that programs report: find it, tell it apart, see it over time. */
export default function Metrics(): ReactNode {
  const [search] = useParams();
  const chosen = search.get('metric') ?? '';
  const metric = useMetric(chosen);
  const all = useRangedApi<MetricsBody>('/api/v1/metrics');
  const count = all.data === undefined ? null : all.data.metrics.length;
  const nothing =
    all.error !== null
      ? 'The metrics could not be read.'
      : count === null
        ? 'Reading which metrics there are\u2026'
        : count === 0
          ? 'No metric was reported in the last hours of this range.'
          : `${plural(count, 'metric')}${all.data?.truncated === true ? ' and more' : ''} were reported in the last hours of this range: choose one.`;
  return (
    <Page title="Metrics" sentence={chosen === '' ? nothing : metric.sentence}>
      <div className="metrics">
        <Finder chosen={chosen} />
        {chosen === '' ? (
          <Empty>
            Choose a metric. What can be asked of it follows from its kind: the rate of a counter, the mean of a gauge,
            percentiles of a histogram.
          </Empty>
        ) : (
          <Metric name={chosen} asked={metric} />
        )}
      </div>
    </Page>
  );
}
