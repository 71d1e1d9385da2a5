import { useMemo, type ReactNode } from 'react';
import type { PoolHeadroom, ServiceCurve } from '../api/curve';
import { ApiError } from '../api/client';
import { STEADY_MS, useRangedApi, type Reading } from '../api/hooks';
import { XyChart } from '../charts/XyChart';
import { Link, servicePath } from '../components/Link';
import { Page } from '../components/Page';
import { Answer, Empty, Failed } from '../components/State';
import { whatOf } from '../lib/capacity';
import { curveSentence, known, partOf, weakerSign, whoOf, why } from '../lib/curve';
import { latencySpec, throughputSpec } from '../lib/curve-charts';
import { residenceFigures, uslFigures } from '../lib/curve-figures';
import { parseScope, sameScope, type Scope } from '../lib/curve-scope';
import { formatFactor } from '../lib/format';
import { useParams } from '../lib/router';
import { Data, Law, Pools, Verdict } from './CurveFigures';
import { CurveScopes } from './CurveScopes';

const nothingFound = (error: Error | null): boolean => error instanceof ApiError && error.status === 404;

function useCurve(service: string, scope: Scope, enabled = true): Reading<ServiceCurve> {
  const path = `/api/v1/capacity/services/${encodeURIComponent(service)}/curve`;
  return useRangedApi<ServiceCurve>(path, { ...scope }, { steady: STEADY_MS, enabled });
}

/** The pool with least room: it may wait long before the curve bends. */
function poolWords(pools: readonly PoolHeadroom[]): string | null {
  const room = pools.flatMap((pool) => known(pool.headroom) ?? []);
  const least = pools.find((pool) => known(pool.headroom) === Math.min(...room));
  const factor = least === undefined ? null : known(least.headroom);
  if (least === undefined || factor === null) return null;
  const name = whatOf({ service: '', kind: least.kind, name: least.name });
  return factor <= 1
    ? `Its busiest step was beyond what ${name} should hold: requests wait there.`
    : `Of its pools, ${name} has least room: waiting begins at ${formatFactor(factor)} the use of the busiest step.`;
}

function Body({ body, other }: { body: ServiceCurve; other: ServiceCurve | null }): ReactNode {
  const specs = useMemo(() => [throughputSpec(body, other), latencySpec(body, other)] as const, [body, other]);
  const { usl, residence, pools } = body;
  const fit = known(residence);
  const than = other === null ? null : partOf(other);
  const noP99 = body.version !== null && body.points.every(({ p99_ms: p99 }) => p99 === null);
  return (
    <>
      <div className="two">
        <XyChart
          id="curve-throughput"
          facts={{ step: body.step_seconds }}
          title="Throughput"
          unit="against requests under way"
          spec={specs[0]}
          note={
            <>
              law: <Verdict grade={usl.verdict} />
            </>
          }
        />
        <XyChart
          id="curve-latency"
          facts={{ step: body.step_seconds }}
          title="Latency"
          unit="against load, log scale"
          spec={specs[1]}
          note={noP99 ? 'p99 is not known for one version' : undefined}
        />
      </div>
      <Data body={body} />
      <div className="curve-tables">
        <Law
          title="Law of scalability"
          note={<Verdict grade={usl.verdict} />}
          reasons={usl.reasons}
          figures={uslFigures(usl)}
          other={other === null || than === null ? null : { who: than, figures: uslFigures(other.usl) }}
        />
        <Law
          title="Law of residence"
          note={fit === null ? undefined : <Verdict grade={fit.verdict} />}
          reasons={fit?.reasons ?? [why(residence) ?? '']}
          figures={residenceFigures(body)}
          other={other === null || than === null ? null : { who: than, figures: residenceFigures(other) }}
        />
        {pools.length > 0 && <Pools pools={pools} />}
      </div>
    </>
  );
}

/** What is beside the answer: the pools, and what the other curve says. */
function Aside({
  body,
  other,
  service,
}: {
  body: ServiceCurve | undefined;
  other: ServiceCurve | null;
  service: string;
}) {
  const words = body === undefined ? [] : [weakerSign(body), poolWords(body.pools)].filter((text) => text !== null);
  return (
    <div>
      {words.map((text) => (
        <p key={text}>{text}</p>
      ))}
      {other !== null && <p role="status">{curveSentence(other)}</p>}
      <p className="row small">
        <Link to={servicePath(service)}>Open the service</Link>
        <Link to="/capacity">All walls</Link>
      </p>
    </div>
  );
}

const Nothing = ({ who }: { who: string }): ReactNode => (
  <Empty>
    A curve needs requests (spans of kind server or consumer) to {who}, with a busier and a quieter time among them.
    Choose a longer range, or another operation or version below.
  </Empty>
);

export default function CapacityCurve({ found }: { found: Record<string, string> }): ReactNode {
  const service = found['service'] ?? '';
  const [search] = useParams();
  const shown: Scope = { operation: search.get('operation'), version: search.get('version') };
  const asked = parseScope(search.get('against'));
  const against = asked === null || sameScope(asked, shown) ? null : asked;
  const query = useCurve(service, shown);
  const second = useCurve(service, against ?? shown, against !== null);
  const who = whoOf({ service, ...shown });
  const none = nothingFound(query.error);
  const body = none || query.isPlaceholderData ? undefined : query.data;
  const other = against === null || second.isPlaceholderData || second.error !== null ? null : (second.data ?? null);
  const waiting = query.error === null ? `Reading ${who}\u2026` : `The curve of ${who} could not be read.`;
  return (
    <Page
      title={`Capacity of ${service}`}
      sentence={none ? `No requests to ${who} in this range.` : body === undefined ? waiting : curveSentence(body)}
      aside={<Aside body={body} other={other} service={service} />}
    >
      {against !== null && second.error !== null && <Failed error={second.error} retry={() => void second.refetch()} />}
      {none ? (
        <Nothing who={who} />
      ) : (
        <Answer query={query} height={640}>
          {(data) => <Body body={data} other={other} />}
        </Answer>
      )}
      <CurveScopes service={service} shown={shown} against={against} />
    </Page>
  );
}
