import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { IngestBody, Json } from '../api/types';
import { Badge } from '../components/Badge';
import { Page, Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table } from '../components/Table';
import { jsonText } from '../components/Attributes';
import { formatExact, plural } from '../lib/format';

function sentenceOf({ parts, version }: IngestBody): string {
  const down = parts.filter(({ ready }) => !ready);
  const first = down[0];
  if (first === undefined) return `Headroom ${version} runs with ${plural(parts.length, 'part')}, all ready.`;
  return `${first.name} is not ready: ${first.detail}.`;
}

const bytes = (value: number): string => (value >= 1_048_576 ? `${(value / 1_048_576).toFixed(1)} MiB` : value >= 1_024 ? `${(value / 1_024).toFixed(1)} KiB` : `${value} B`);

/** A figure of the ingest path in words, by the ending of its name. */
function figure(key: string, value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'number') return key.includes('bytes') ? bytes(value) : formatExact(value);
  return jsonText(value);
}

export default function Ingest(): ReactNode {
  const query = useApi<IngestBody>('/api/v1/ingest', {}, { live: true });
  return (
    <Page title="Ingest" sentence={query.data === undefined ? 'Reading the state of this node\u2026' : sentenceOf(query.data)}>
      <Answer query={query} height={240}>
        {({ parts, ingest }) => (
          <div className="two">
            <Section title="Parts">
              <Table name="Parts" rows={parts} keyOf={(p) => p.name} columns={[
                { id: 'name', head: 'Part', cell: (p) => p.name },
                { id: 'ready', head: 'State', cell: (p) => <Badge state={p.ready ? 'ok' : 'failed'}>{p.ready ? 'ready' : 'not ready'}</Badge> },
                { id: 'detail', head: '', cell: (p) => <span className="quiet">{p.detail}</span> },
              ]} />
            </Section>
            <Section title="Receiving">
              {ingest === null ? <Empty>This node does not receive telemetry.</Empty> : (
                <Table name="Receiving" rows={Object.entries(ingest)} keyOf={([key]) => key} columns={[
                  { id: 'key', head: 'Figure', cell: ([key]) => key.replaceAll('_', ' ') },
                  { id: 'value', head: 'Value', num: true, cell: ([key, value]) => figure(key, value) },
                ]} />
              )}
            </Section>
          </div>
        )}
      </Answer>
    </Page>
  );
}
