import type { ReactNode } from 'react';
import type { Reading } from '../api/hooks';
import type { PlanBody, PlanService, PlanStep } from '../api/forecast';
import { TimeChart } from '../charts/TimeChart';
import { Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatCount, formatDayMinute, formatPercent, formatSeconds, plural } from '../lib/format';
import { seconds } from '../lib/series';
import { useRange } from '../lib/use-range';

/** Steps at which the planned number changes: what someone would approve. */
export function changes(steps: readonly PlanStep[]): (PlanStep & { before: number | null })[] {
  return steps.flatMap((step, i) => {
    const before = steps[i - 1]?.replicas ?? null;
    return before === step.replicas ? [] : [{ ...step, before }];
  });
}

type Change = ReturnType<typeof changes>[number];
const COLUMNS: readonly Column<Change>[] = [
  { id: 'ts', head: 'At', cell: (s) => formatDayMinute(s.ts) },
  {
    id: 'replicas',
    head: 'Replicas',
    num: true,
    cell: (s) => (s.before === null ? s.replicas : `${s.before} \u2192 ${s.replicas}`),
  },
  {
    id: 'reactive',
    head: 'Reactive would have',
    num: true,
    how: 'What scaling on the load already seen would run at that moment',
    cell: (s) => s.reactive,
  },
  { id: 'reason', head: 'Why', cell: (s) => s.reason },
];

/** What the plan was reckoned with, as far as it was said. */
function basis({ capacity_per_replica: capacity, lead_seconds: lead, quantile }: PlanService): string {
  const parts = [
    ...(capacity === null ? [] : [`one replica carries ${formatCount(capacity)} requests a minute`]),
    ...(lead === null ? [] : [`new ones are ordered ${formatSeconds(lead)} ahead`]),
    ...(quantile === null ? [] : [`sized so that ${formatPercent(quantile)} of minutes fit`]),
  ];
  return parts.length === 0
    ? 'The plan does not say what it was reckoned with.'
    : `Reckoned with: ${parts.join(', ')}.`;
}

const MODES = {
  act: 'It is acted on: autoscalers are told these numbers.',
  shadow: 'It is only shown (shadow): autoscalers are told the fewest replicas.',
  unknown: '',
};

function Steps({ plan }: { plan: PlanService }): ReactNode {
  const { from, to } = useRange();
  const rows = changes(plan.steps);
  return (
    <>
      <p className="quiet small">
        {basis(plan)} {MODES[plan.steps[0]?.mode ?? 'unknown']}
      </p>
      <TimeChart
        id="plan-replicas"
        facts={{ service: plan.service }}
        title="Replicas"
        unit="planned, and what reactive scaling would run"
        spec={{
          times: plan.steps.map(({ ts }) => seconds(ts)),
          span: { from, to },
          format: (value) => formatCount(value),
          height: 180,
          series: [
            { label: 'planned', values: plan.steps.map(({ replicas }) => replicas), colour: 'series-1', kind: 'area' },
            { label: 'reactive', values: plan.steps.map(({ reactive }) => reactive), colour: 'series-5', dash: true },
          ],
        }}
      />
      <Table name="Plan" columns={COLUMNS} rows={rows.slice(0, 60)} keyOf={(s) => s.ts} />
      {rows.length > 60 && <p className="quiet small">{plural(rows.length - 60, 'later step')} not shown.</p>}
    </>
  );
}

export function Plan({ query, service }: { query: Reading<PlanBody>; service: string }): ReactNode {
  return (
    <Section
      title="Plan"
      note={
        query.data?.made_at === null || query.data?.made_at === undefined
          ? undefined
          : `made ${formatDayMinute(query.data.made_at)}`
      }
      id="plan"
    >
      <Answer query={query} height={240}>
        {(body) => {
          const plan = body.services.find((candidate) => candidate.service === service);
          return plan === undefined || plan.steps.length === 0 ? (
            <Empty>
              No plan for {service}. A plan needs a forecast and the capacity of one replica in the configuration.
            </Empty>
          ) : (
            <Steps plan={plan} />
          );
        }}
      </Answer>
    </Section>
  );
}
