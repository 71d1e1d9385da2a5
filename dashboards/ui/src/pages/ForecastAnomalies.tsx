import type { ReactNode } from 'react';
import type { Anomaly } from '../api/forecast';
import { Section } from '../components/Page';
import { Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { kindWords } from '../lib/anomalies';
import { formatCount, formatDayMinute, plural } from '../lib/format';

const SHOWN = 40;

const COLUMNS: readonly Column<Anomaly>[] = [
  {
    id: 'ts',
    head: 'At',
    by: (a) => a.ts,
    how: 'The minute that made it certain; since when it lasts where that is earlier',
    cell: (a) => (
      <>
        {formatDayMinute(a.ts)}
        {a.since !== a.ts && <span className="quiet small"> since {formatDayMinute(a.since)}</span>}
      </>
    ),
  },
  { id: 'kind', head: 'Kind', by: (a) => a.kind, cell: (a) => kindWords(a) },
  {
    id: 'score',
    head: 'How far out',
    num: true,
    by: (a) => a.score,
    how: 'In widths of the band from the median to the 99.9 % quantile; of an uneven hour, times the usual unevenness',
    cell: (a) => a.score.toFixed(1),
  },
  { id: 'value', head: 'Demand', num: true, by: (a) => a.value, cell: (a) => formatCount(a.value) },
  { id: 'expected', head: 'Expected', num: true, by: (a) => a.expected, cell: (a) => formatCount(a.expected) },
  { id: 'reason', head: 'What was seen', cell: (a) => a.reason },
];

/** What was not as forecast, in the order in which to look at it. */
export function Anomalies({ anomalies }: { anomalies: readonly Anomaly[] }): ReactNode {
  return (
    <Section
      title="Not as forecast"
      note="what no event explains first; nothing is paged or scaled by these"
      id="anomalies"
    >
      {anomalies.length === 0 ? (
        <Empty>
          No anomaly falls into this range. Each minute is held against the forecast of the midnight before, from the
          third day of a service on.
        </Empty>
      ) : (
        <Table
          name="Anomalies"
          columns={COLUMNS}
          rows={anomalies.slice(0, SHOWN)}
          keyOf={(a) => a.ts}
          sortParam="anomaly-sort"
        />
      )}
      {anomalies.length > SHOWN && (
        <p className="quiet small">{plural(anomalies.length - SHOWN, 'smaller one')} not shown.</p>
      )}
    </Section>
  );
}
