import type { ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { ServicesBody } from '../api/service';
import { Page } from '../components/Page';
import { ServiceTable } from '../components/rows';
import { Answer, Empty } from '../components/State';
import { byTrouble, servicesSentence } from '../lib/sentences';

export function Services(): ReactNode {
  const query = useRangedApi<ServicesBody>('/api/v1/services');
  return (
    <Page
      title="Services"
      sentence={query.data === undefined ? 'Reading the services\u2026' : servicesSentence(query.data.services)}
    >
      <Answer query={query} height={420}>
        {({ services }) =>
          services.length === 0 ? (
            <Empty>
              Spans fill this table. Point an OpenTelemetry exporter at port 4317 (gRPC) or 4318 (HTTP), or choose a
              longer range.
            </Empty>
          ) : (
            <ServiceTable services={byTrouble(services)} />
          )
        }
      </Answer>
    </Page>
  );
}
