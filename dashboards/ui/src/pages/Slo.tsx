import { useMemo, type ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { SloBody, SloPoint } from '../api/slo';
import { TimeChart } from '../charts/TimeChart';
import { Badge } from '../components/Badge';
import { Freezes } from '../components/Freezes';
import { Link, servicePath, sloPath } from '../components/Link';
import { Figure, Figures, Page, Section } from '../components/Page';
import { AlertTable, Budget } from '../components/rows';
import { Answer, Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatAgo, formatBurn, formatCount, formatDayMinute, formatPercent, formatSeconds } from '../lib/format';
import { seconds } from '../lib/series';
import { budgetSeries } from '../lib/budget';
import { freezesOfSteps } from '../lib/policies';
import { aheadSentence, sloSentence, sloState, windowSeconds } from '../lib/slo';
import { useMarks } from '../lib/use-marks';
import { useRange } from '../lib/use-range';
import { SloBacktest } from './SloBacktest';
import { SloParts } from './SloParts';
import { SloPolicies } from './SloPolicies';

interface BurnRow {
  window: string;
  seconds: number;
  rate: number | null;
}
/** The windows the server measured, the shortest first. */
const burnRows = (burn: SloBody['burn']): BurnRow[] =>
  Object.entries(burn)
    .map(([window, rate]) => ({ window, seconds: windowSeconds(window) ?? 0, rate: rate ?? null }))
    .sort((a, b) => a.seconds - b.seconds);
function Burn({ body }: { body: SloBody }): ReactNode {
  const length = windowSeconds(body.window);
  const left = body.budget_remaining;
  const columns: Column<BurnRow>[] = [
    { id: 'window', head: 'Over the last', cell: (r) => formatSeconds(r.seconds) },
    {
      id: 'rate',
      head: 'Burn',
      num: true,
      how: 'Error rate over the window / (1 - target)',
      cell: (r) => <span className={(r.rate ?? 0) > 1 ? 'amber' : ''}>{formatBurn(r.rate)}</span>,
    },
    {
      id: 'errors',
      head: 'Bad share',
      num: true,
      cell: (r) => formatPercent(r.rate === null ? null : r.rate * (1 - body.target)),
    },
    {
      id: 'ends',
      head: 'At this pace the budget',
      how: 'What is left of the budget x window / burn',
      cell: (r) => {
        if (r.rate === null) return <span className="quiet">not measured</span>;
        if (left !== null && left <= 0) return 'is spent';
        if (r.rate <= 1 || length === null || left === null) return r.rate <= 1 ? 'holds' : '\u2013';
        return `ends in ${formatSeconds((left * length) / r.rate)}`;
      },
    },
  ];
  return <Table name="Burn" columns={columns} rows={burnRows(body.burn)} keyOf={(r) => r.window} />;
}

function Charts({ points, body }: { points: readonly SloPoint[]; body: SloBody }): ReactNode {
  const { from, to, live } = useRange();
  const marks = useMarks(body.service);
  const shared = { times: points.map(({ ts }) => seconds(ts)), marks, span: { from, to } };
  const facts = {
    target: body.target,
    window: body.window,
    window_seconds: windowSeconds(body.window) ?? 0,
  };
  const budget = useMemo(
    () => budgetSeries(points, live ? body.ahead : null, (to - from) / 3),
    [points, live, body, from, to],
  );
  return (
    <>
      <TimeChart
        id="slo-budget"
        facts={facts}
        title="Budget left"
        unit={`share of the ${body.window} budget, below zero when overspent`}
        spec={{
          times: budget.times,
          marks,
          span: { from, to: Math.max(to, budget.end) },
          height: 220,
          scale: 'signed',
          budget: true,
          format: formatPercent,
          series: [
            { label: 'budget left', values: budget.past, colour: 'series-1', kind: 'area' },
            ...(budget.ahead === null
              ? []
              : [{ label: 'with the forecast traffic', values: budget.ahead, colour: 'text', dash: true }]),
          ],
        }}
      />
      <p className="small" data-testid="ahead">
        {body.ahead === null
          ? `What becomes of the budget is not known: ${body.ahead_unknown ?? 'no forecast'}.`
          : aheadSentence(body.ahead, body.budget_remaining, Date.now())}
      </p>
      <div className="two">
        <TimeChart
          id="slo-burn"
          facts={facts}
          title="Burn"
          unit="over one hour, 1x spends the budget exactly"
          spec={{
            ...shared,
            format: formatBurn,
            line: { value: 1, label: 'sustainable' },
            series: [{ label: 'burn over 1 h', values: points.map((p) => p.burn_1h), colour: 'series-1' }],
          }}
        />
        <TimeChart
          id="slo-requests"
          facts={facts}
          title="Requests that count"
          unit="good and bad per slice"
          spec={{
            ...shared,
            format: formatCount,
            series: [
              { label: 'all', values: points.map((p) => p.total), colour: 'series-1', kind: 'area' },
              { label: 'bad', values: points.map((p) => p.total - p.good), colour: 'series-4', kind: 'area' },
            ],
          }}
        />
      </div>
    </>
  );
}

function Body({ body }: { body: SloBody }): ReactNode {
  const totals = body.series.reduce((sum, { good, total }) => ({ good: sum.good + good, total: sum.total + total }), {
    good: 0,
    total: 0,
  });
  return (
    <>
      <Freezes of={freezesOfSteps(body.budget_steps)} />
      {body.unavailable !== null && <Note tone="amber">Not measured: {body.unavailable}.</Note>}
      {body.part_of !== null && (
        <Note>
          A part of <Link to={sloPath(body.part_of)}>{body.part_of}</Link>: it alerts through that objective, and not by
          itself.
        </Note>
      )}
      <Figures>
        <Figure label="State" value={<Badge state={sloState(body)} />} />
        <Figure
          label="Budget left"
          value={<Budget left={body.budget_remaining} />}
          how="(good share - target) / (1 - target) over the window"
        />
        <Figure
          label={`Good in ${body.window}`}
          value={formatPercent(body.status)}
          note={
            body.good === null || body.total === null
              ? undefined
              : `${formatCount(body.total - body.good)} bad of ${formatCount(body.total)}`
          }
        />
        <Figure label="Target" value={formatPercent(body.target)} note={body.objective} />
        <Figure
          label="Good in this range"
          value={formatPercent(totals.total === 0 ? null : totals.good / totals.total)}
          note={`${formatCount(totals.total - totals.good)} bad of ${formatCount(totals.total)}`}
        />
        <Figure
          label="Ends"
          value={
            body.budget_remaining !== null && body.budget_remaining <= 0
              ? 'spent'
              : body.exhausts_at === null
                ? 'not in sight'
                : formatDayMinute(body.exhausts_at)
          }
          note={body.exhausts_at === null ? undefined : formatAgo(body.exhausts_at, Date.now())}
          how="At the pace of the last hour"
        />
        <Figure label="Coverage" value={formatPercent(body.coverage)} note="of the window has been measured" />
        <Figure label="Service" value={<Link to={servicePath(body.service)}>{body.service}</Link>} />
      </Figures>
      {body.series.length === 0 ? (
        <Empty>No slice was measured in this range; the first appear a minute after traffic does.</Empty>
      ) : (
        <Charts points={body.series} body={body} />
      )}
      {body.parts.length > 0 && <SloParts parts={body.parts} />}
      <div className="two">
        <Section title="Burn">
          <Burn body={body} />
        </Section>
        <Section title="Alerts">
          {body.alerts.length === 0 ? (
            <Empty>No alert of this objective yet.</Empty>
          ) : (
            <AlertTable alerts={body.alerts} />
          )}
        </Section>
      </div>
      <SloPolicies body={body} />
      <SloBacktest name={body.name} />
      <Section title="Definition" note="OpenSLO">
        <pre>{body.definition}</pre>
      </Section>
    </>
  );
}

export default function Slo({ found }: { found: Record<string, string> }): ReactNode {
  const name = found['slo'] ?? '';
  const query = useRangedApi<SloBody>(`/api/v1/slos/${encodeURIComponent(name)}`);
  const waiting = query.error === null ? `Reading ${name}\u2026` : `${name} could not be read.`;
  return (
    <Page
      title={query.data?.display_name ?? name}
      sentence={query.data === undefined ? waiting : sloSentence(query.data)}
    >
      <Answer query={query} height={640}>
        {(body) => <Body body={body} />}
      </Answer>
    </Page>
  );
}
