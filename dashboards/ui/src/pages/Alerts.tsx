import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { post } from '../api/client';
import { useApi } from '../api/hooks';
import type { Alert, AlertsBody } from '../api/types';
import { Page } from '../components/Page';
import { AlertTable } from '../components/rows';
import { Answer, Empty, Failed } from '../components/State';
import { plural } from '../lib/format';
import { useParams } from '../lib/router';

const STATES: readonly [string, string][] = [
  ['', 'All'],
  ['firing', 'Firing'],
  ['resolved', 'Resolved'],
];

function sentenceOf(alerts: readonly Alert[]): string {
  const firing = alerts.filter(({ state }) => state === 'firing');
  const worst = firing.find(({ severity }) => severity === 'page') ?? firing[0];
  if (worst === undefined) return 'No alert fires.';
  const open = firing.filter(({ acknowledged_by: by }) => by === null).length;
  return `${plural(firing.length, 'alert fires', 'alerts fire')}, ${open === 0 ? 'all taken' : `${open} not yet taken by anyone`}: ${worst.summary.replace(/\.$/, '')}.`;
}

export default function Alerts(): ReactNode {
  const [search, set] = useParams();
  const state = search.get('state') ?? '';
  const client = useQueryClient();
  const query = useApi<AlertsBody>('/api/v1/alerts', { state }, { live: true });
  const ack = useMutation({
    mutationFn: (id: string) => post(`/api/v1/alerts/${encodeURIComponent(id)}/ack`),
    onSettled: () => client.invalidateQueries({ queryKey: ['/api/v1/alerts'] }),
  });
  const action = (alert: Alert): ReactNode => {
    if (alert.acknowledged_by !== null) return alert.acknowledged_by;
    if (alert.state !== 'firing') return <span className="quiet">nobody</span>;
    return (
      <button className="plain" disabled={ack.isPending} onClick={() => ack.mutate(alert.id)}>
        Take it
      </button>
    );
  };
  return (
    <Page
      title="Alerts"
      sentence={query.data === undefined ? 'Reading the alerts\u2026' : sentenceOf(query.data.alerts)}
    >
      <div>
        <div className="choices" role="group" aria-label="State">
          {STATES.map(([value, label]) => (
            <button key={value} aria-pressed={state === value} onClick={() => set({ state: value })}>
              {label}
            </button>
          ))}
        </div>
      </div>
      {ack.error !== null && <Failed error={ack.error} />}
      <Answer query={query} height={300}>
        {({ alerts }) =>
          alerts.length === 0 ? (
            <Empty>
              {state === ''
                ? 'No alert yet. Each objective alerts when its budget burns too fast over a long and a short window.'
                : `No alert is ${state}.`}
            </Empty>
          ) : (
            <AlertTable alerts={alerts} actions={action} />
          )
        }
      </Answer>
    </Page>
  );
}
