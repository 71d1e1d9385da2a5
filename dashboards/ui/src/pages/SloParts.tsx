import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { SloPart, SloRow, SlosBody } from '../api/slo';
import { Badge } from '../components/Badge';
import { Link, sloPath } from '../components/Link';
import { Section } from '../components/Page';
import { Budget } from '../components/rows';
import { Table, type Column } from '../components/Table';
import { formatPercent } from '../lib/format';
import { sloState } from '../lib/slo';

/** What a composite is made of, and how each part stands. */
export function SloParts({ parts }: { parts: readonly SloPart[] }): ReactNode {
  const all = useApi<SlosBody>('/api/v1/slos', {}, { live: true });
  const rowOf = (part: SloPart): SloRow | undefined => all.data?.slos.find(({ name }) => name === part.name);
  const columns: Column<SloPart>[] = [
    {
      id: 'part',
      head: 'Part',
      by: (r) => r.display_name,
      cell: (r) => <Link to={sloPath(r.name)}>{r.display_name}</Link>,
    },
    {
      id: 'share',
      head: 'Share',
      num: true,
      by: (r) => r.share,
      how: 'Its weight, of all weights',
      cell: (r) => formatPercent(r.share),
    },
    { id: 'target', head: 'Target', num: true, by: (r) => r.target, cell: (r) => formatPercent(r.target) },
    {
      id: 'good',
      head: 'Good in its window',
      num: true,
      by: (r) => rowOf(r)?.status ?? null,
      cell: (r) => formatPercent(rowOf(r)?.status),
    },
    {
      id: 'state',
      head: 'State',
      cell: (r) => {
        const row = rowOf(r);
        return row === undefined ? <span className="quiet">not known</span> : <Badge state={sloState(row)} />;
      },
    },
    {
      id: 'budget',
      head: 'Its own budget left',
      num: true,
      by: (r) => rowOf(r)?.budget_remaining ?? null,
      cell: (r) => <Budget left={rowOf(r)?.budget_remaining ?? null} />,
    },
  ];
  return (
    <Section title="Parts" note="weighed together; they alert through this objective, and not by themselves">
      <Table name="Parts" columns={columns} rows={parts} keyOf={(r) => r.name} sortParam="part-sort" />
    </Section>
  );
}
