import type { ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { BacktestBody, RuleHistory } from '../api/slo';
import { Badge } from '../components/Badge';
import { Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatBurn, formatDayMinute, formatExact, formatPercent, formatSeconds } from '../lib/format';
import { backtestSentence } from '../lib/slo';

/** A live range moves on by five minutes: the whole history is stepped through again. */
const STEADY = 300_000;

const COLUMNS: readonly Column<RuleHistory>[] = [
  {
    id: 'rule',
    head: 'Rule',
    cell: ({ rule }) => (
      <>
        <Badge state={rule.severity} />{' '}
        <span className="quiet">
          {formatSeconds(rule.long)} and {formatSeconds(rule.short)}
        </span>
      </>
    ),
  },
  {
    id: 'threshold',
    head: 'Fires at',
    num: true,
    by: ({ rule }) => rule.threshold,
    how: 'Both windows burn at least so fast',
    cell: ({ rule }) => (
      <span title={`${formatPercent(rule.budget_fraction)} of the budget is spent by then`}>
        {formatBurn(rule.threshold)}
      </span>
    ),
  },
  {
    id: 'count',
    head: 'Times',
    num: true,
    by: ({ fired }) => fired.count,
    how: 'Alone, as if it were the only rule',
    cell: ({ fired }) => formatExact(fired.count),
  },
  {
    id: 'long',
    head: 'In all',
    num: true,
    by: ({ fired }) => fired.seconds,
    cell: ({ fired }) => (fired.count === 0 ? <span className="quiet">never</span> : formatSeconds(fired.seconds)),
  },
  {
    id: 'last',
    head: 'Last began',
    by: ({ fired }) => fired.last,
    cell: ({ fired }) => (
      <>
        {fired.last === null ? <span className="quiet">never</span> : formatDayMinute(fired.last)}
        {fired.open && <span className="quiet small"> still open at the end</span>}
      </>
    ),
  },
];

/** What the alert rules would have done over the page's range. */
export function SloBacktest({ name }: { name: string }): ReactNode {
  const query = useRangedApi<BacktestBody>(`/api/v1/slos/${encodeURIComponent(name)}/backtest`, {}, { steady: STEADY });
  return (
    <Section title="Backtest" note="the alert rules of today over the range" id="backtest">
      <Answer query={query} height={200}>
        {(body) => (
          <>
            <p data-testid="backtest-sentence">{backtestSentence(body)}</p>
            {body.rules.length === 0 ? (
              <Empty>No rule pages for this objective.</Empty>
            ) : (
              <Table
                name="Rules"
                columns={COLUMNS}
                rows={body.rules}
                keyOf={({ rule }) => `${rule.severity}/${rule.long}/${rule.short}`}
                sortParam="rule-sort"
              />
            )}
          </>
        )}
      </Answer>
    </Section>
  );
}
