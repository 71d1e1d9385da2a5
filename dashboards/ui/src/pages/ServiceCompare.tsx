import type { ReactNode } from 'react';
import { useApi, useRangedApi, useRangeParams } from '../api/hooks';
import type { ComparedBody, OperationChange, Quantile, QuantileChange, RedBody } from '../api/service';
import { Distributions } from '../charts/Distributions';
import { Badge } from '../components/Badge';
import { Choices } from '../components/Choices';
import { Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { comparedSentence, sideNames, WITH } from '../lib/compare';
import { asSentence, formatCount, formatDayMinute, formatDuration, formatPercent, NONE } from '../lib/format';
import { changeOf, isFaster, isSlower, quantileOf, ratioWords, shareWords } from '../lib/quantiles';
import { useParams } from '../lib/router';

const VERSIONS = 'versions';
/** The questions of a comparison move on with the clock by whole minutes: rollups do. */
const STEADY = 60_000;

const Ratio = ({ change }: { change: QuantileChange | null }): ReactNode =>
  change === null ? (
    <span className="quiet">{NONE}</span>
  ) : (
    <span className={isSlower(change) ? 'amber' : isFaster(change) ? 'green' : ''}>{ratioWords(change)}</span>
  );

interface FigureRow {
  name: string;
  before: string;
  now: string;
  change: ReactNode;
}

function Sides({ body }: { body: ComparedBody }): ReactNode {
  const { baseline, candidate } = body;
  const [before, now] = sideNames(body);
  const columns: Column<FigureRow>[] = [
    { id: 'name', head: 'Figure', spoken: true, cell: (r) => r.name },
    { id: 'before', head: before, num: true, cell: (r) => r.before },
    { id: 'now', head: now, num: true, cell: (r) => r.now },
    {
      id: 'change',
      head: 'Change',
      num: true,
      how: 'With the bounds of 95 % confidence; coloured where it is beyond chance',
      cell: (r) => r.change,
    },
  ];
  const quantile = (q: number): FigureRow => ({
    name: `p${q * 100}`,
    before: formatDuration(quantileOf(baseline.quantiles, q)),
    now: formatDuration(quantileOf(candidate.quantiles, q)),
    change: <Ratio change={changeOf(body.quantiles, q)} />,
  });
  const share = body.error_rate;
  const rows: FigureRow[] = [
    {
      name: 'Calls a second',
      before: formatCount(baseline.calls_per_second),
      now: formatCount(candidate.calls_per_second),
      change: '',
    },
    {
      name: 'Failed',
      before: formatPercent(baseline.error_rate),
      now: formatPercent(candidate.error_rate),
      change:
        share === null ? (
          NONE
        ) : (
          <span className={share.low > 0 ? 'red' : share.high < 0 ? 'green' : ''}>{shareWords(share)}</span>
        ),
    },
    quantile(0.5),
    quantile(0.95),
    quantile(0.99),
  ];
  return (
    <>
      <Table name="Both sides" columns={columns} rows={rows} keyOf={(r) => r.name} sortParam="side-sort" />
      <p className="small quiet">
        {before}: {formatDayMinute(baseline.range.from)} to {formatDayMinute(baseline.range.to)}; {now}:{' '}
        {formatDayMinute(candidate.range.from)} to {formatDayMinute(candidate.range.to)}.
      </p>
    </>
  );
}

const pair = (before: string, now: string): ReactNode => (
  <>
    <span className="quiet">{before}</span> {'\u2192'} {now}
  </>
);

function Operations({ rows }: { rows: readonly OperationChange[] }): ReactNode {
  const p95 = (quantiles: readonly Quantile[]): string => formatDuration(quantileOf(quantiles, 0.95));
  const columns: Column<OperationChange>[] = [
    {
      id: 'operation',
      head: 'Operation',
      by: (r) => r.operation,
      cell: (r) => (
        <>
          {r.operation} {r.only_in !== null && <Badge state="none">{r.only_in === 'candidate' ? 'new' : 'gone'}</Badge>}{' '}
          {r.changed && <Badge state="warning">changed</Badge>}
        </>
      ),
    },
    {
      id: 'calls',
      head: 'Calls',
      num: true,
      by: (r) => r.candidate_calls,
      cell: (r) => pair(formatCount(r.baseline_calls), formatCount(r.candidate_calls)),
    },
    {
      id: 'failed',
      head: 'Failed',
      num: true,
      by: (r) => r.error_rate?.difference ?? null,
      cell: (r) => pair(formatPercent(r.baseline_error_rate), formatPercent(r.candidate_error_rate)),
    },
    {
      id: 'p95',
      head: 'p95',
      num: true,
      by: (r) => quantileOf(r.candidate_quantiles, 0.95),
      cell: (r) => pair(p95(r.baseline_quantiles), p95(r.candidate_quantiles)),
    },
    {
      id: 'change',
      head: 'Change of p95',
      num: true,
      by: (r) => changeOf(r.quantiles, 0.95)?.ratio ?? null,
      cell: (r) => <Ratio change={changeOf(r.quantiles, 0.95)} />,
    },
  ];
  return (
    <Table
      name="Operations compared"
      columns={columns}
      rows={rows}
      keyOf={(r) => r.operation}
      sortParam="compared-sort"
    />
  );
}

interface VersionProps {
  service: string;
  baseline: string;
  candidate: string;
}

/** Two versions to choose from those that took calls. */
function Versions({ service, baseline, candidate }: VersionProps): ReactNode {
  const [, set] = useParams();
  const query = useRangedApi<RedBody>('/api/v1/red', { by: 'version', service, limit: 50 }, { steady: STEADY });
  const known = (query.data?.groups ?? []).map(({ value }) => value).filter((value) => value !== '');
  const choose = (label: string, name: string, value: string): ReactNode => (
    <label className="field">
      {label}
      <select value={value} onChange={(event) => set({ [name]: event.target.value })}>
        <option value="">choose</option>
        {[...new Set([value, ...known])]
          .filter((version) => version !== '')
          .map((version) => (
            <option key={version}>{version}</option>
          ))}
      </select>
    </label>
  );
  return (
    <div className="row">
      {choose('Version', 'version', candidate)}
      {choose('Compared with', 'baseline', baseline)}
    </div>
  );
}

function Compared({ body }: { body: ComparedBody }): ReactNode {
  if (body.unavailable !== null) return <Empty>{asSentence(body.unavailable)}</Empty>;
  return (
    <>
      <p data-testid="compared-sentence">{asSentence(comparedSentence(body))}</p>
      <div className="two">
        <div className="stack">
          <Sides body={body} />
        </div>
        <Distributions buckets={body.buckets} names={sideNames(body)} />
      </div>
      <Operations rows={body.operations} />
    </>
  );
}

/** This range beside another, or one version beside another. */
export function ServiceCompare({ service }: { service: string }): ReactNode {
  const [search, set] = useParams();
  const range = useRangeParams(STEADY);
  const chosen = search.get('with') ?? '';
  const [candidate, baseline] = [search.get('version') ?? '', search.get('baseline') ?? ''];
  const versions = chosen === VERSIONS;
  const back = WITH.find(([id]) => id === chosen)?.[2] ?? null;
  const earlier = (time: string): string => new Date(Date.parse(time) - (back ?? 0)).toISOString();
  const ready = !versions || (candidate !== '' && baseline !== '' && candidate !== baseline);
  const query = useApi<ComparedBody>(
    `/api/v1/services/${encodeURIComponent(service)}/compare`,
    {
      ...range,
      ...(versions ? { version: candidate, baseline_version: baseline } : {}),
      ...(back === null ? {} : { baseline_from: earlier(range.from), baseline_to: earlier(range.to) }),
    },
    { enabled: ready },
  );
  return (
    <Section
      title="Compared"
      actions={
        <Choices
          label="Compared with"
          of={[...WITH.map(([id, label]) => [id, label] as const), [VERSIONS, 'another version']]}
          chosen={chosen}
          choose={(next) => set({ with: next })}
        />
      }
    >
      {versions && <Versions service={service} baseline={baseline} candidate={candidate} />}
      {ready ? (
        <Answer query={query} height={420}>
          {(body) => <Compared body={body} />}
        </Answer>
      ) : (
        <Empty>Choose two versions that took calls in this range.</Empty>
      )}
    </Section>
  );
}
