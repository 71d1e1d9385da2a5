import type { ReactNode } from 'react';
import type { BudgetStep, BudgetTime, SloBody } from '../api/slo';
import { Badge } from '../components/Badge';
import { Section } from '../components/Page';
import { Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { asSentence, formatAgo, formatDayMinute } from '../lib/format';
import { effectWords, policiesSentence } from '../lib/policies';

interface Row extends BudgetStep {
  policy: string;
}

const STEPS: readonly Column<Row>[] = [
  {
    id: 'step',
    head: 'Step',
    cell: (r) => (
      <>
        {r.step} <span className="quiet small below">of {r.policy}</span>
      </>
    ),
  },
  { id: 'when', head: 'Begins when', cell: (r) => r.when },
  {
    id: 'what',
    head: 'What follows',
    cell: (r) => (
      <>
        {asSentence(r.alert)} <span className="quiet small below">{asSentence(effectWords(r))}</span>
      </>
    ),
  },
  {
    id: 'now',
    head: 'Now',
    by: (r) => r.since,
    cell: (r) =>
      r.since === null ? (
        <span className="quiet">does not hold</span>
      ) : (
        <>
          <Badge state={r.effect === 'freeze' ? 'major' : 'warning'}>
            {r.effect === 'freeze' ? 'frozen' : 'holds'}
          </Badge>{' '}
          <span className="quiet small below nowrap" title={formatAgo(r.since, Date.now())}>
            since {formatDayMinute(r.since)}
          </span>
        </>
      ),
  },
];

const TIMES: readonly Column<BudgetTime>[] = [
  {
    id: 'from',
    head: 'Began',
    by: (r) => r.begun_at,
    cell: (r) => <span className="nowrap">{formatDayMinute(r.begun_at)}</span>,
  },
  {
    id: 'until',
    head: 'Ended',
    by: (r) => r.ended_at,
    cell: (r) => (r.ended_at === null ? 'holds' : <span className="nowrap">{formatDayMinute(r.ended_at)}</span>),
  },
  {
    id: 'says',
    head: 'What was said',
    cell: (r) => (
      <>
        {asSentence(r.began)}
        {r.ended !== null && <span className="quiet small below">{asSentence(r.ended)}</span>}
      </>
    ),
  },
];

function None({ body: { part_of: whole } }: { body: SloBody }): ReactNode {
  return (
    <Empty>
      {whole !== null
        ? `A part is held to no policy of its own; that of ${whole} counts.`
        : 'Nothing is agreed. Who plans reliability work, and from when on only fixes are released, is written as [[alerts.budget_policies]] into the configuration; docs/slo.md has an example.'}
    </Empty>
  );
}

/** What was agreed to happen when the budget runs out, what of it holds, and what began and ended. */
export function SloPolicies({ body }: { body: SloBody }): ReactNode {
  const { budget_policies: policies, budget_steps: times } = body;
  const rows = policies.flatMap(({ policy, steps }) => steps.map((step) => ({ policy, ...step })));
  return (
    <Section title="When the budget runs out" {...(rows.length === 0 ? {} : { note: policiesSentence(policies) })}>
      {rows.length === 0 ? (
        <None body={body} />
      ) : (
        <Table
          name="Policies"
          columns={STEPS}
          rows={rows}
          keyOf={(r) => `${r.policy}/${r.step}`}
          sortParam="step-sort"
        />
      )}
      {times.length > 0 && (
        <details>
          <summary>What began and ended</summary>
          <Table name="What began and ended" columns={TIMES} rows={times} keyOf={(r) => r.id} sortParam="time-sort" />
        </details>
      )}
    </Section>
  );
}
