import type { ReactNode } from 'react';
import { useRangedApi } from '../api/hooks';
import type { OverviewBody } from '../api/overview';
import { Link } from '../components/Link';
import { Page, Section } from '../components/Page';
import { AlertTable, ServiceTable, SloTable } from '../components/rows';
import { Answer, Empty } from '../components/State';
import { byTrouble } from '../lib/sentences';
import { useMay } from '../lib/session';
import { OverviewSignals } from './OverviewSignals';

/** One sentence; then budgets that burn, alerts, the signals on one axis with what is coming, services by trouble. */
export function Overview(): ReactNode {
  const query = useRangedApi<OverviewBody>('/api/v1/overview');
  const [slos, alerts, forecast] = [useMay('slos'), useMay('alerts'), useMay('forecast')];
  const sentence =
    query.data?.sentence ??
    (query.error === null ? 'Reading the state of the platform\u2026' : 'The state of the platform could not be read.');
  return (
    <Page title="Overview" sentence={sentence}>
      <Answer query={query} height={640}>
        {(body) => {
          const burning = [...body.slos].sort(
            (a, b) => (a.budget_remaining ?? Infinity) - (b.budget_remaining ?? Infinity),
          );
          return (
            <>
              <div className="two">
                <Section
                  title="Budgets"
                  note="the most spent first"
                  actions={slos && <Link to="/slos">All objectives</Link>}
                >
                  {burning.length === 0 ? (
                    <Empty>No objective yet. Add an OpenSLO file to the configured folder.</Empty>
                  ) : (
                    <SloTable slos={burning.slice(0, 8)} short />
                  )}
                </Section>
                <Section title="Alerts" actions={alerts && <Link to="/alerts">All alerts</Link>}>
                  {body.alerts.length === 0 ? (
                    <Empty>No alert fires. Alerts come from objectives whose budget burns too fast.</Empty>
                  ) : (
                    <AlertTable alerts={body.alerts} />
                  )}
                </Section>
              </div>
              <OverviewSignals body={body} />
              {forecast && body.demand.series.length > 0 && (
                <p className="small">
                  <Link to="/forecast" with={{ from: null, to: null }}>
                    Forecast and plan
                  </Link>
                </p>
              )}
              <Section title="Services" note="by trouble">
                {body.services.length === 0 ? (
                  <Empty>
                    No service sent spans in this range. Point an OpenTelemetry exporter at port 4317 or 4318, or choose
                    a longer range.
                  </Empty>
                ) : (
                  <ServiceTable services={byTrouble(body.services)} />
                )}
              </Section>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
