import type { ReactNode } from 'react';
import { useApi, useRangedApi } from '../api/hooks';
import type { CalendarEvent, ForecastBody, PlanBody, SubjectsBody } from '../api/forecast';
import type { ServicesBody } from '../api/service';
import { TimeChart } from '../charts/TimeChart';
import type { ChartSpec } from '../charts/spec';
import { Figure, Figures, Page, Section } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { anomalyMarks } from '../lib/anomalies';
import { formatAgo, formatCount, formatDayMinute } from '../lib/format';
import { useParams } from '../lib/router';
import { forecastSentence, REQUESTS } from '../lib/sentences';
import { eventMarks, onOneAxis } from '../lib/series';
import { venueClock } from '../lib/venues';
import { useRange } from '../lib/use-range';
import { Anomalies } from './ForecastAnomalies';
import { Skill } from './ForecastSkill';
import { Plan } from './Plan';

const QUANTILES = ['q50', 'q80', 'q90', 'q95', 'q99', 'q999'] as const;

/** Median line with bands that nest: half, 80, 90, 95 and 99 of 100 minutes stay below. */
function demandSpec(body: ForecastBody, span: { from: number; to: number }): ChartSpec {
  const { times, values } = onOneAxis([
    body.actual,
    ...QUANTILES.map((key) => body.points.map((point) => ({ ts: point.ts, value: point[key] }))),
  ]);
  const [actual = [], q50 = [], q80 = [], q90 = [], q95 = [], q99 = [], q999 = []] = values;
  return {
    times,
    span,
    height: 320,
    marks: [...eventMarks(body.events), ...anomalyMarks(body.anomalies)],
    format: (value) => formatCount(value),
    series: [
      { label: '99.9 of 100 below', values: q999, colour: 'series-2', kind: 'hidden' },
      { label: '99 of 100 below', values: q99, colour: 'series-2', kind: 'hidden' },
      { label: '95 of 100 below', values: q95, colour: 'series-2', kind: 'hidden' },
      { label: '90 of 100 below', values: q90, colour: 'series-2', kind: 'hidden' },
      { label: '80 of 100 below', values: q80, colour: 'series-2', kind: 'hidden' },
      { label: 'expected (median)', values: q50, colour: 'series-2', width: 2 },
      { label: 'actual', values: actual, colour: 'series-1', width: 1.5 },
    ],
    bands: [
      [0, 1, 0.08],
      [1, 2, 0.14],
      [2, 3, 0.2],
      [3, 4, 0.28],
      [4, 5, 0.38],
    ].map(([upper = 0, lower = 0, alpha = 0]) => ({ upper, lower, alpha, colour: 'series-2' })),
  };
}

/** The reader's time, with the venue's beside it. */
function Moment({ time, venue }: { time: string; venue?: string | null | undefined }): ReactNode {
  const there = venueClock(venue, time);
  return (
    <>
      {formatDayMinute(time)}
      {there !== null && <span className="quiet small"> {there}</span>}
    </>
  );
}

const EVENTS: readonly Column<CalendarEvent>[] = [
  { id: 'name', head: 'Event', cell: (e) => e.name },
  {
    id: 'class',
    head: 'Kind',
    by: (e) => e.class,
    cell: (e) => <span className="quiet">{e.class.replaceAll('_', ' ')}</span>,
  },
  { id: 'venue', head: 'Venue', cell: (e) => e.venue ?? '\u2013' },
  { id: 'start', head: 'Start', by: (e) => e.start, cell: (e) => <Moment time={e.start} venue={e.venue} /> },
  { id: 'end', head: 'End', by: (e) => e.end, cell: (e) => <Moment time={e.end} venue={e.venue} /> },
  {
    id: 'lift',
    head: 'Lift',
    num: true,
    by: (e) => e.multiplier ?? null,
    how: 'Demand during the event against the same time without it',
    cell: (e) => (e.multiplier === null || e.multiplier === undefined ? '\u2013' : `${e.multiplier.toFixed(2)}x`),
  },
];

function Body({ body }: { body: ForecastBody }): ReactNode {
  const { from, to } = useRange();
  const now = Date.now();
  return (
    <>
      {body.unavailable !== null && <Note tone="amber">No forecast yet: {body.unavailable}.</Note>}
      {body.points.length > 0 && (
        <Figures>
          <Figure label="Made" value={body.made_at === null ? '\u2013' : formatAgo(body.made_at, now)} />
          <Figure label="Model" value={body.model ?? '\u2013'} />
          <Figure label="Measured" value={body.metric.replaceAll('_', ' ')} />
        </Figures>
      )}
      {body.points.length === 0 && body.actual.length === 0 ? (
        <Empty>Forecasts need half a day of measured minutes. They appear once there have been that many.</Empty>
      ) : (
        <TimeChart
          id="forecast-demand"
          facts={{ unit: body.metric === REQUESTS ? 'requests a minute' : body.metric }}
          title="Demand"
          unit={body.metric === REQUESTS ? 'requests a minute' : body.metric}
          spec={demandSpec(body, { from, to })}
          note="bands: 80, 90, 95, 99 and 99.9 of 100 minutes stay below"
        />
      )}
      <Anomalies anomalies={body.anomalies} />
      <Section title="Events in this range" note="market hours and the calendar">
        {body.events.length === 0 ? (
          <Empty>No session or calendar event falls into this range.</Empty>
        ) : (
          <Table
            name="Events"
            columns={EVENTS}
            rows={body.events}
            keyOf={(e) => e.name + e.start}
            sortParam="event-sort"
          />
        )}
      </Section>
      <Skill skill={body.skill} />
    </>
  );
}

export default function Forecast(): ReactNode {
  const [search, set] = useParams();
  const [asked, series] = [search.get('service'), search.get('series')];
  const subjects = useApi<SubjectsBody>('/api/v1/forecasts/subjects');
  const services = useApi<ServicesBody>('/api/v1/services', { from: 'now-24h', to: 'now' });
  const plans = useApi<PlanBody>('/api/v1/plan');
  const names = [
    ...new Set([...(plans.data?.services ?? []), ...(services.data?.services ?? [])].map(({ service }) => service)),
  ].sort();
  const metrics = (subjects.data?.subjects ?? []).map(({ metric }) => metric).filter((metric) => metric !== REQUESTS);
  const first = (services.data?.services ?? []).reduce<ServicesBody['services'][number] | undefined>(
    (top, row) => (top === undefined || row.calls > top.calls ? row : top),
    undefined,
  );
  const service = asked ?? plans.data?.services[0]?.service ?? first?.service ?? '';
  const ready = asked !== null || ((plans.data !== undefined || plans.error !== null) && services.data !== undefined);
  const chosen = series ?? service;
  const query = useRangedApi<ForecastBody>('/api/v1/forecasts', series === null ? { service } : { series }, {
    enabled: series !== null || (ready && service !== ''),
  });
  const waiting =
    query.error !== null
      ? `The forecast for ${chosen} could not be read.`
      : ready && chosen === ''
        ? 'There is no service to forecast yet.'
        : 'Reading the forecast\u2026';
  return (
    <Page
      title="Forecast and plan"
      sentence={query.data === undefined ? waiting : forecastSentence(query.data, Date.now())}
      aside={
        <div className="row">
          <label className="row">
            <span className="quiet">Forecast of</span>
            <select
              value={series === null ? `service ${service}` : `series ${series}`}
              onChange={({ target: { value } }) =>
                set(
                  value.startsWith('series ')
                    ? { series: value.slice('series '.length), service: null }
                    : { service: value.slice('service '.length), series: null },
                )
              }
            >
              <optgroup label="Services">
                {(service === '' || names.includes(service) ? names : [service, ...names]).map((name) => (
                  <option key={name} value={`service ${name}`}>
                    {name}
                  </option>
                ))}
              </optgroup>
              {(metrics.length > 0 || series !== null) && (
                <optgroup label="Series">
                  {[...new Set(series === null ? metrics : [series, ...metrics])].map((name) => (
                    <option key={name} value={`series ${name}`}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              )}
            </select>
          </label>
          {(['now-24h', 'now-7d'] as const).map((back) => (
            <button
              key={back}
              className="plain"
              onClick={() => set({ from: back, to: back === 'now-24h' ? 'now+24h' : 'now+7d' })}
            >
              {back === 'now-24h' ? 'A day back and ahead' : 'A week back and ahead'}
            </button>
          ))}
        </div>
      }
    >
      {(chosen !== '' || !ready) && (
        <Answer query={query} height={480}>
          {(body) => <Body body={body} />}
        </Answer>
      )}
      {series === null && service !== '' && <Plan query={plans} service={service} />}
    </Page>
  );
}
