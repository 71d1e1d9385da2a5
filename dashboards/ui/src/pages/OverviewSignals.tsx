import type { ReactNode } from 'react';
import type { OverviewBody } from '../api/overview';
import { TimeChart } from '../charts/TimeChart';
import type { ChartSpec, SeriesSpec } from '../charts/spec';
import { Section } from '../components/Page';
import { Empty } from '../components/State';
import { nameOf } from '../lib/capacity';
import { formatBurn, formatCount, formatDayMinute, formatDuration, formatPercent } from '../lib/format';
import { axisOf, markedBy } from '../lib/overview';
import { onOneAxis, type Point } from '../lib/series';
import { useRange } from '../lib/use-range';

const COLOURS = ['series-1', 'series-3', 'series-4'];

/** Lists of points as lines of one chart. */
function lines(named: readonly { label: string; points: readonly Point[] }[]): Pick<ChartSpec, 'times' | 'series'> {
  const { times, values } = onOneAxis(named.map(({ points }) => points));
  const line = ({ label }: { label: string }, i: number): SeriesSpec => ({
    label,
    values: values[i] ?? [],
    colour: COLOURS[i] ?? 'series-8',
  });
  return { times, series: named.map(line) };
}

/** The busiest service's requests, what was expected, and what comes. */
function demandOf({ demand }: OverviewBody): Pick<ChartSpec, 'times' | 'series'> {
  const pick = (key: 'actual' | 'q50' | 'q90') => demand.series.map((point) => ({ ts: point.ts, value: point[key] }));
  const {
    times,
    values: [actual = [], q50 = [], q90 = []],
  } = onOneAxis([pick('actual'), pick('q50'), pick('q90')]);
  return {
    times,
    series: [
      { label: 'expected, 9 in 10 below', values: q90, colour: 'series-2', dash: true },
      { label: 'expected, median', values: q50, colour: 'series-2' },
      { label: 'actual', values: actual, colour: 'series-1', kind: 'area' },
    ],
  };
}

/** What is coming, the next three. */
function coming({ demand }: OverviewBody): string | undefined {
  const next = demand.events.filter(({ end }) => Date.parse(end) > Date.now()).slice(0, 3);
  if (next.length === 0) return undefined;
  return `Coming: ${next.map(({ name, start }) => `${name}, ${formatDayMinute(start)}`).join('; ')}`;
}

/** The golden signals, budgets and the forecast one below the other, alerts and market events behind each. */
export function OverviewSignals({ body }: { body: OverviewBody }): ReactNode {
  const { from, to } = useRange();
  const { demand, signals, saturation, burning } = body;
  const { points } = signals;
  const shared = { span: axisOf(body, { from, to }), marks: markedBy(body), height: 112 };
  const quantile = (key: 'p50_ns' | 'p95_ns' | 'p99_ns') => ({
    label: key.slice(0, 3),
    points: points.map((point) => ({ ts: point.ts, value: point[key] })),
  });
  const failed = points.map(({ ts, calls, errors }) => ({ ts, value: calls === 0 ? null : errors / calls }));
  const full = saturation?.resources ?? [];
  return (
    <>
      {demand.series.length === 0 ? (
        <Section title="Demand">
          <Empty>
            {demand.unavailable === null
              ? 'No requests in this range and no forecast yet; both appear once spans of kind server arrive'
              : `Not shown: ${demand.unavailable}`}
            .
          </Empty>
        </Section>
      ) : (
        <TimeChart
          id="overview-demand"
          facts={{ service: demand.service ?? '' }}
          title="Demand against forecast"
          unit={`requests a minute${demand.service === null ? '' : ` of ${demand.service}`}`}
          spec={{ ...shared, ...demandOf(body), height: 168, format: (value) => formatCount(value) }}
          note={coming(body)}
        />
      )}
      {points.length > 0 && (
        <>
          <TimeChart
            id="overview-failed"
            facts={{ step: signals.step_seconds }}
            title="Failed"
            unit="share of the requests of all services"
            spec={{ ...shared, ...lines([{ label: 'failed', points: failed }]), format: formatPercent }}
          />
          <TimeChart
            id="overview-latency"
            facts={{ step: signals.step_seconds }}
            title="Latency"
            unit="all services, log scale"
            spec={{
              ...shared,
              ...lines([quantile('p50_ns'), quantile('p95_ns'), quantile('p99_ns')]),
              scale: 'log',
              format: formatDuration,
            }}
          />
        </>
      )}
      {full.length > 0 && (
        <TimeChart
          id="overview-saturation"
          facts={{ step: saturation?.step_seconds ?? 60 }}
          title="Saturation"
          unit="share in use of the fullest resources"
          spec={{
            ...shared,
            ...lines(
              full.map(({ resource, points: filled }) => ({
                label: nameOf(resource),
                points: filled.map(({ ts, share }) => ({ ts, value: share })),
              })),
            ),
            format: formatPercent,
          }}
        />
      )}
      {burning.length > 0 && (
        <TimeChart
          id="overview-burn"
          title="Budgets that burn"
          unit="times as fast as allowed, over the hour before"
          spec={{
            ...shared,
            ...lines(
              burning.map(({ display_name: label, points: burnt }) => ({
                label,
                points: burnt.map(({ ts, burn }) => ({ ts, value: burn })),
              })),
            ),
            format: formatBurn,
            line: { value: 1, label: 'spends exactly the budget' },
          }}
        />
      )}
    </>
  );
}
