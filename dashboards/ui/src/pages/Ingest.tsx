import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { IngestBody, Json } from '../api/types';
import { Badge } from '../components/Badge';
import { Page, Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table } from '../components/Table';
import { jsonText } from '../components/Attributes';
import { formatAgo, formatExact, formatTime, plural } from '../lib/format';

function sentenceOf({ parts, version, ingest }: IngestBody): string {
  const down = parts.filter(({ ready }) => !ready);
  const first = down[0];
  if (first === undefined && ingest?.['refusing'] === true)
    return 'New telemetry is refused: the durable log is full or its disk fails.';
  if (first === undefined) return `Headroom ${version} runs with ${plural(parts.length, 'part')}, all ready.`;
  return `${first.name} is not ready: ${first.detail}.`;
}

const bytes = (value: number): string =>
  value >= 1_048_576
    ? `${(value / 1_048_576).toFixed(1)} MiB`
    : value >= 1_024
      ? `${(value / 1_024).toFixed(1)} KiB`
      : `${value} B`;

/** Figures inside figures stand on lines of their own: "accepted spans". */
function flat(of: Record<string, Json>, before = ''): [string, Json][] {
  return Object.entries(of).flatMap(([key, value]): [string, Json][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flat(value, `${before}${key} `)
      : [[before + key, value]],
  );
}

/** A figure of the ingest path in words, by its name. */
function figure(key: string, value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value))
    return `${formatTime(value)}, ${formatAgo(value, Date.now())}`;
  if (typeof value === 'number') return key.includes('bytes') ? bytes(value) : formatExact(value);
  return jsonText(value);
}

export default function Ingest(): ReactNode {
  const query = useApi<IngestBody>('/api/v1/ingest', {}, { live: true });
  return (
    <Page
      title="Ingest"
      sentence={query.data === undefined ? 'Reading the state of this node\u2026' : sentenceOf(query.data)}
    >
      <Answer query={query} height={240}>
        {({ parts, ingest }) => (
          <div className="two">
            <Section title="Parts">
              <Table
                name="Parts"
                rows={parts}
                keyOf={(p) => p.name}
                columns={[
                  { id: 'name', head: 'Part', cell: (p) => p.name },
                  {
                    id: 'ready',
                    head: 'State',
                    cell: (p) => <Badge state={p.ready ? 'ok' : 'failed'}>{p.ready ? 'ready' : 'not ready'}</Badge>,
                  },
                  { id: 'detail', head: '', cell: (p) => <span className="quiet">{p.detail}</span> },
                ]}
              />
            </Section>
            <Section title="Receiving">
              {ingest === null ? (
                <Empty>This node does not receive telemetry.</Empty>
              ) : (
                <Table
                  name="Receiving"
                  rows={flat(ingest)}
                  keyOf={([key]) => key}
                  columns={[
                    { id: 'key', head: 'Figure', cell: ([key]) => key.replaceAll('_', ' ') },
                    { id: 'value', head: 'Value', num: true, cell: ([key, value]) => figure(key, value) },
                  ]}
                />
              )}
            </Section>
          </div>
        )}
      </Answer>
    </Page>
  );
}
