import { useMemo } from 'react';
import { useApi } from '../api/hooks';
import type { Alert, AlertsBody } from '../api/alerting';
import type { ForecastBody } from '../api/forecast';
import type { Mark } from '../charts/spec';
import { eventMarks } from './series';
import { useMay } from './session';
import { useRange } from './use-range';

const GRAIN = 600_000;

/** Alerts as bands from their start to their end; what still fires has no end yet. */
export const alertMarks = (alerts: readonly Alert[], now: number): Mark[] =>
  alerts.map(({ severity, slo, labels, started_at: start, resolved_at: end }) => ({
    at: Date.parse(start),
    end: end === null ? now : Date.parse(end),
    label: `${severity} ${slo === '' ? (labels['step'] ?? labels['alertname'] ?? '') : slo}`,
    kind: 'incident',
  }));

/**
 * What every chart about a service draws behind its lines: its alerts, market
 * sessions and calendar events, as far as the role may read them. The range is
 * rounded outwards so that a page that moves on with the clock asks rarely.
 */
export function useMarks(service: string): Mark[] {
  const { from, to } = useRange();
  const [alerts, forecast] = [useMay('alerts'), useMay('forecast')];
  const range = {
    from: new Date(Math.floor(from / GRAIN) * GRAIN).toISOString(),
    to: new Date(Math.ceil(to / GRAIN) * GRAIN).toISOString(),
  };
  const fired = useApi<AlertsBody>('/api/v1/alerts', {}, { enabled: alerts });
  const coming = useApi<ForecastBody>(
    '/api/v1/forecasts',
    { service, ...range },
    { enabled: forecast && service !== '' },
  );
  return useMemo(
    () => [
      ...alertMarks(
        (fired.data?.alerts ?? []).filter((alert) => alert.service === service),
        to,
      ),
      ...eventMarks(coming.data?.events ?? []),
    ],
    [fired.data, coming.data, service, to],
  );
}
