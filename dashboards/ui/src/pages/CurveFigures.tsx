import type { ReactNode } from 'react';
import type { Grade, PoolHeadroom, ServiceCurve } from '../api/curve';
import { Badge } from '../components/Badge';
import { Figure, Figures, Section } from '../components/Page';
import { Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { formatShare, whatOf } from '../lib/capacity';
import { downloadCsv } from '../lib/csv';
import { known, most, whoOf, why } from '../lib/curve';
import { formatBounds, formatFigure, type CurveFigure } from '../lib/curve-figures';
import { asSentence, formatCount, formatDayMinute, formatExact, formatFactor, formatSeconds } from '../lib/format';

const VERDICTS: Record<Grade, [state: string, words: string]> = {
  good: ['none', 'a good fit'],
  weak: ['warning', 'an indication only'],
  refused: ['warning', 'refused'],
};

/** Whether a law is to be believed, in words. */
export function Verdict({ grade }: { grade: Grade }): ReactNode {
  const [state, words] = VERDICTS[grade];
  return <Badge state={state}>{words}</Badge>;
}

/** What speaks against a law. */
export function Reasons({ reasons }: { reasons: readonly string[] }): ReactNode {
  return (
    reasons.length > 0 && (
      <Note tone="amber">
        {reasons.map((reason) => (
          <p key={reason}>{asSentence(reason)}</p>
        ))}
      </Note>
    )
  );
}

interface LawProps {
  title: string;
  note: ReactNode;
  reasons: readonly string[];
  figures: readonly CurveFigure[];
  /** The same figures of what it is compared with. */
  other: { who: string; figures: readonly CurveFigure[] } | null;
}

/** A reason that is told above the table is not told again in each row. */
const unknown = ({ why: reason }: CurveFigure, reasons: readonly string[]): string =>
  reason === reasons.join('; ') ? 'Not known, for the reason above.' : asSentence(`not known: ${reason}`);

/** The parameters of a law; one that cannot be had says why in the place of its meaning. */
export function Law({ title, note, reasons, figures, other }: LawProps): ReactNode {
  const than = new Map(other?.figures.map((figure) => [figure.id, figure]));
  const columns: Column<CurveFigure>[] = [
    { id: 'name', head: 'Parameter', cell: (f) => <span className="nowrap">{f.name}</span> },
    { id: 'value', head: 'Value', num: true, cell: (f) => formatFigure(f.value, f.unit) },
    { id: 'interval', head: '95\u00a0% interval', num: true, cell: formatBounds },
    ...(other === null
      ? []
      : [
          {
            id: 'other',
            head: other.who,
            num: true,
            cell: ({ id, unit }: CurveFigure) => {
              const figure = than.get(id);
              const value = formatFigure(figure?.value ?? null, unit);
              return figure === undefined || figure.why === '' ? (
                value
              ) : (
                <span title={asSentence(figure.why)}>{value}</span>
              );
            },
          },
        ]),
    {
      id: 'means',
      head: 'What it is',
      cell: (f) => (f.why === '' ? f.means : <span className="quiet">{unknown(f, reasons)}</span>),
    },
  ];
  const save = (): void =>
    downloadCsv(
      title,
      ['parameter', 'value', 'low', 'high', 'why_not', ...(other === null ? [] : [`value of ${other.who}`])],
      figures.map((f) => [
        ...[f.name, f.value, f.low, f.high, f.why],
        ...(other === null ? [] : [than.get(f.id)?.value ?? null]),
      ]),
    );
  return (
    <Section
      title={title}
      note={note}
      actions={
        <button className="plain small" onClick={save}>
          CSV
        </button>
      }
    >
      <Reasons reasons={reasons} />
      <Table name={title} columns={columns} rows={figures} keyOf={(f) => f.id} />
    </Section>
  );
}

/** What the curve is read from. */
export function Data({ body }: { body: ServiceCurve }): ReactNode {
  const { points, range, step_seconds: step } = body;
  const least = (of: 'rate' | 'concurrency'): number => points.reduce((low, p) => Math.min(low, p[of]), Infinity);
  const span = (of: 'rate' | 'concurrency'): string => `${formatCount(least(of))} to ${formatCount(most(points, of))}`;
  const failed = points.reduce((sum, { errors }) => sum + errors, 0);
  return (
    <Section title="Read from" note={`${formatDayMinute(range.from)} to ${formatDayMinute(range.to)}, ${whoOf(body)}`}>
      <Figures>
        <Figure label="Steps with requests" value={formatExact(points.length)} note={`of ${formatSeconds(step)}`} />
        <Figure label="Rate" value={span('rate')} note="requests a second" />
        <Figure
          label="Under way"
          value={span('concurrency')}
          note="requests, in the mean"
          how="Little's law: the durations of a step's requests over its length"
        />
        <Figure label="Failed" value={formatExact(failed)} note="requests" />
      </Figures>
    </Section>
  );
}

const POOLS: readonly Column<PoolHeadroom>[] = [
  { id: 'pool', head: 'Pool', cell: ({ kind, name }) => whatOf({ service: '', kind, name }) },
  { id: 'servers', head: 'Serve at once', num: true, how: 'In one instance', cell: (p) => formatExact(p.servers) },
  {
    id: 'use',
    head: 'In use at the busiest step',
    num: true,
    cell: (p) => `${formatCount(p.offered)} (${formatShare(p.utilisation)})`,
  },
  {
    id: 'wait',
    head: 'Requests that wait then',
    num: true,
    how: 'Erlang C',
    cell: (p) => told(p.wait_probability, formatShare),
  },
  { id: 'target', head: 'May be in use', num: true, cell: (p) => told(p.target_utilisation, formatShare) },
  {
    id: 'headroom',
    head: 'Room',
    num: true,
    how: 'Times the use of the busiest step',
    cell: (p) => told(p.headroom, formatFactor),
  },
];

function told(figure: PoolHeadroom['headroom'], format: (value: number) => string): ReactNode {
  const value = known(figure);
  return value === null ? <span className="note quiet small">{asSentence(why(figure) ?? '')}</span> : format(value);
}

/** Processors and pools of an instance as queues. */
export const Pools = ({ pools }: { pools: readonly PoolHeadroom[] }): ReactNode => (
  <Section title="Pools" note="of one instance, as queues with servers">
    <Table name="Pools" columns={POOLS} rows={pools} keyOf={(p) => `${p.kind}/${p.name}`} />
  </Section>
);
