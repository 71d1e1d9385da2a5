import { useState, type ReactNode } from 'react';
import type { Aggregation, MetricBody, MetricLabel } from '../api/metrics';
import { Choices } from '../components/Choices';
import { plural } from '../lib/format';
import { AGGREGATIONS, KINDS, pairOf } from '../lib/metrics';
import { useParams } from '../lib/router';

function Pick({
  label,
  value,
  none,
  of,
  choose,
}: {
  label: string;
  value: string;
  none: string;
  of: readonly string[];
  choose: (value: string) => void;
}): ReactNode {
  return (
    <label className="field">
      {label}
      <select value={value} onChange={(event) => choose(event.target.value)}>
        <option value="">{none}</option>
        {[...new Set(value === '' ? of : [value, ...of])].map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}

/** One more condition: a label and one of its values, the most common offered. */
function Narrow({ labels, add }: { labels: readonly MetricLabel[]; add: (pair: string) => void }): ReactNode {
  const [key, setKey] = useState('');
  const label = labels.find((one) => one.key === key);
  return (
    <>
      <Pick label="Only where" value={key} none="a label" of={labels.map((one) => one.key)} choose={setKey} />
      {label !== undefined && (
        <label className="field">
          is
          <select
            value=""
            onChange={(event) => {
              add(pairOf(key, event.target.value));
              setKey('');
            }}
          >
            <option value="">{plural(label.values, 'value')}</option>
            {label.top.map(({ value, series }) => (
              <option key={value} value={value}>
                {value} ({series})
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}

/** What is asked of a metric: of which service and labels, split by what, and what the points of a step come to. */
export function MetricControls({ body, shown }: { body: MetricBody; shown: Aggregation | null }): ReactNode {
  const [search, set] = useParams();
  const chosen = search.getAll('where');
  const labels = body.labels.filter(({ key }) => key !== 'service.name');
  const keys = [...(body.services.length > 1 ? ['service'] : []), ...labels.map(({ key }) => key)];
  return (
    <div className="stack">
      <div>
        <Choices
          label="Figure"
          of={body.aggregations.map((one) => [one, AGGREGATIONS[one]] as const)}
          chosen={search.get('agg') ?? shown}
          choose={(next) => set({ agg: next })}
        />
      </div>
      <div className="row">
        <Pick
          label="Service"
          value={search.get('service') ?? ''}
          none="all services"
          of={body.services}
          choose={(service) => set({ service })}
        />
        <Pick
          label="A line for each"
          value={search.get('by') ?? ''}
          none="one line"
          of={keys}
          choose={(by) => set({ by })}
        />
        <Narrow labels={labels} add={(pair) => set({ where: [...new Set([...chosen, pair])] })} />
        {body.other_kinds.length > 0 && (
          <label className="field">
            Reported as
            <select value={body.kind} onChange={(event) => set({ kind: event.target.value, agg: null })}>
              {[body.kind, ...body.other_kinds].map((kind) => (
                <option key={kind} value={kind}>
                  {KINDS[kind]}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {chosen.length > 0 && (
        <ul className="chips" aria-label="Only where">
          {chosen.map((pair) => (
            <li key={pair}>
              {pair.replace(':', ' is ')}
              <button
                className="plain"
                aria-label={`Remove ${pair}`}
                onClick={() => set({ where: chosen.filter((one) => one !== pair) })}
              >
                {'\u00d7'}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
