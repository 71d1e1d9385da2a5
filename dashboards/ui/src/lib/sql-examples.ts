/** Questions to start from; each is asked by a test. */
export interface Example {
  title: string;
  sql: string;
}

export const EXAMPLES: readonly Example[] = [
  {
    title: 'How the services stand',
    sql: `SELECT service, sum(calls) AS calls, sum(errors) AS errors,
       round(100.0 * sum(errors) / sum(calls), 2) AS error_percent
FROM services
WHERE minute >= now() - INTERVAL '1 hour'
GROUP BY service
ORDER BY calls DESC`,
  },
  {
    title: 'Latency p95 by service',
    sql: `SELECT service, round(latency_quantile(0.95, bucket, spans) / 1e6, 1) AS p95_ms, sum(spans) AS requests
FROM latency_buckets
WHERE minute >= now() - INTERVAL '1 hour' AND kind = 'server'
GROUP BY service
ORDER BY p95_ms DESC`,
  },
  {
    title: 'Error rate by version',
    sql: `SELECT service, version, round(100.0 * sum(errors) / sum(calls), 2) AS error_percent,
       sum(calls) AS calls, sum(errors) AS errors
FROM span_minute
WHERE kind = 'server' AND minute >= now() - INTERVAL '6 hours'
GROUP BY service, version
ORDER BY error_percent DESC`,
  },
  {
    title: 'Demand by ten minutes and service',
    sql: `SELECT date_bin(INTERVAL '10 minutes', minute) AS time, service, sum(calls) AS calls
FROM services
WHERE minute >= now() - INTERVAL '6 hours'
GROUP BY time, service
ORDER BY time`,
  },
  {
    title: 'Orders by hour',
    sql: `SELECT date_trunc('hour', ts) AS hour,
       count(*) FILTER (WHERE name = 'order.placed') AS placed,
       count(*) FILTER (WHERE name = 'order.filled') AS filled,
       count(*) FILTER (WHERE name = 'order.rejected') AS rejected
FROM events
WHERE name IN ('order.placed', 'order.filled', 'order.rejected') AND ts >= now() - INTERVAL '24 hours'
GROUP BY hour
ORDER BY hour`,
  },
  {
    title: 'Turnover and fees by instrument, exact',
    sql: `SELECT symbol, currency, sum(quantity * price) AS turnover, sum(fee) AS fees, count(*) AS fills
FROM events
WHERE name IN ('order.filled', 'order.partially_filled') AND ts >= now() - INTERVAL '24 hours'
GROUP BY symbol, currency
ORDER BY turnover DESC`,
  },
  {
    title: 'Why orders are refused',
    sql: `SELECT attr(attributes, 'reason.code') AS code, count(*) AS orders
FROM events
WHERE name = 'order.rejected' AND ts >= now() - INTERVAL '24 hours'
GROUP BY code
ORDER BY orders DESC`,
  },
  {
    title: 'What failed, and why',
    sql: `SELECT service, status_message, count(*) AS spans, min(ts) AS first, max(ts) AS last
FROM spans
WHERE status = 'error' AND ts >= now() - INTERVAL '6 hours'
GROUP BY service, status_message
ORDER BY spans DESC`,
  },
  {
    title: 'The slowest requests, with their traces',
    sql: `SELECT ts, service, operation, duration_ns / 1e6 AS ms, status, trace_id
FROM spans
WHERE kind = 'server' AND ts >= now() - INTERVAL '1 hour'
ORDER BY duration_ns DESC
LIMIT 20`,
  },
  {
    title: 'Objectives over a week',
    sql: `SELECT slo, round(100.0 * sum(good) / nullif(sum(total), 0), 3) AS good_percent,
       sum(good) AS good, sum(total) AS total
FROM slo_slices
WHERE slice >= now() - INTERVAL '7 days'
GROUP BY slo
ORDER BY good_percent`,
  },
];
