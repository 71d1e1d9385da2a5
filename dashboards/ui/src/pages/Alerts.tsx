import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { AlertsBody } from '../api/alerting';
import { Choices } from '../components/Choices';
import { Page } from '../components/Page';
import { AlertTable } from '../components/rows';
import { Answer, Empty } from '../components/State';
import { AlertTabs } from '../components/Tabs';
import { Take } from '../components/Take';
import { alertsSentence } from '../lib/alerts';
import { useParams } from '../lib/router';

const STATES: readonly [string, string][] = [
  ['', 'All'],
  ['firing', 'Firing'],
  ['resolved', 'Resolved'],
];

export default function Alerts(): ReactNode {
  const [search, set] = useParams();
  const state = search.get('state') ?? '';
  const query = useApi<AlertsBody>('/api/v1/alerts', { state }, { live: true });
  return (
    <Page
      title="Alerts"
      sentence={query.data === undefined ? 'Reading the alerts\u2026' : alertsSentence(query.data.alerts)}
      aside={<AlertTabs at="/alerts" />}
    >
      <div>
        <Choices label="State" of={STATES} chosen={state} choose={(next) => set({ state: next })} />
      </div>
      <Answer query={query} height={300}>
        {({ alerts }) =>
          alerts.length === 0 ? (
            <Empty>
              {state === ''
                ? 'No alert yet. Each objective alerts when its budget burns too fast over a long and a short window.'
                : `No alert is ${state}.`}
            </Empty>
          ) : (
            <AlertTable alerts={alerts} actions={(alert) => <Take alert={alert} />} />
          )
        }
      </Answer>
    </Page>
  );
}
