import type { ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { OverviewBody } from '../api/overview';
import { TimeChart } from '../charts/TimeChart';
import type { ChartSpec } from '../charts/spec';
import { Link } from '../components/Link';
import { Page, Section } from '../components/Page';
import { AlertTable, ServiceTable, SloTable } from '../components/rows';
import { Answer, Empty } from '../components/State';
import { formatCount, formatDayMinute } from '../lib/format';
import { byTrouble } from '../lib/sentences';
import { eventMarks, onOneAxis } from '../lib/series';
import { useMay } from '../lib/session';
import { useRange } from '../lib/use-range';

/** The busiest service's requests, what was expected, and what comes. */
function demandSpec({ demand }: OverviewBody, span: { from: number; to: number }): ChartSpec {
  const pick = (key: 'actual' | 'q50' | 'q90') => demand.series.map((point) => ({ ts: point.ts, value: point[key] }));
  const {
    times,
    values: [actual = [], q50 = [], q90 = []],
  } = onOneAxis([pick('actual'), pick('q50'), pick('q90')]);
  const last = demand.series.at(-1);
  const end = last === undefined ? span.to : Math.max(span.to, Date.parse(last.ts));
  return {
    times,
    height: 200,
    marks: eventMarks(demand.events),
    span: { from: span.from, to: end },
    format: (value) => formatCount(value),
    series: [
      { label: 'expected, 9 in 10 below', values: q90, colour: 'series-2', dash: true },
      { label: 'expected, median', values: q50, colour: 'series-2' },
      { label: 'actual', values: actual, colour: 'series-1', kind: 'area' },
    ],
  };
}

/** One sentence; then budgets that burn, alerts, demand and the coming events, services by trouble. */
export function Overview(): ReactNode {
  const { from, to } = useRange();
  const query = useRangedApi<OverviewBody>('/api/v1/overview');
  const [slos, alerts, forecast] = [useMay('slos'), useMay('alerts'), useMay('forecast')];
  const sentence =
    query.data?.sentence ??
    (query.error === null ? 'Reading the state of the platform\u2026' : 'The state of the platform could not be read.');
  return (
    <Page title="Overview" sentence={sentence}>
      <Answer query={query} height={640}>
        {(body) => {
          const burning = [...body.slos].sort(
            (a, b) => (a.budget_remaining ?? Infinity) - (b.budget_remaining ?? Infinity),
          );
          const coming = body.demand.events.filter(({ end }) => Date.parse(end) > Date.now());
          return (
            <>
              <div className="two">
                <Section
                  title="Budgets"
                  note="the most spent first"
                  actions={slos && <Link to="/slos">All objectives</Link>}
                >
                  {burning.length === 0 ? (
                    <Empty>No objective yet. Add an OpenSLO file to the configured folder.</Empty>
                  ) : (
                    <SloTable slos={burning.slice(0, 8)} short />
                  )}
                </Section>
                <Section title="Alerts" actions={alerts && <Link to="/alerts">All alerts</Link>}>
                  {body.alerts.length === 0 ? (
                    <Empty>No alert fires. Alerts come from objectives whose budget burns too fast.</Empty>
                  ) : (
                    <AlertTable alerts={body.alerts} />
                  )}
                </Section>
              </div>
              {body.demand.series.length === 0 ? (
                <Section title="Demand">
                  <Empty>
                    {body.demand.unavailable === null
                      ? 'No requests in this range and no forecast yet; both appear once spans of kind server arrive'
                      : `Not shown: ${body.demand.unavailable}`}
                    .
                  </Empty>
                </Section>
              ) : (
                <TimeChart
                  id="overview-demand"
                  facts={{ service: body.demand.service ?? '' }}
                  title="Demand against forecast"
                  unit={`requests a minute${body.demand.service === null ? '' : ` of ${body.demand.service}`}`}
                  spec={demandSpec(body, { from, to })}
                  note={
                    coming.length === 0
                      ? undefined
                      : `Coming: ${coming
                          .slice(0, 3)
                          .map(({ name, start }) => `${name}, ${formatDayMinute(start)}`)
                          .join('; ')}`
                  }
                />
              )}
              {forecast && body.demand.series.length > 0 && (
                <p className="small">
                  <Link to="/forecast" with={{ from: null, to: null }}>
                    Forecast and plan
                  </Link>
                </p>
              )}
              <Section title="Services" note="by trouble">
                {body.services.length === 0 ? (
                  <Empty>
                    No service sent spans in this range. Point an OpenTelemetry exporter at port 4317 or 4318, or choose
                    a longer range.
                  </Empty>
                ) : (
                  <ServiceTable services={byTrouble(body.services)} />
                )}
              </Section>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
