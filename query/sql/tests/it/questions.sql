-- What analysts ask, one question a line. Each must give the same rows whether ClickHouse or DataFusion does the work.
-- Of questions that end in an ORDER BY the order is compared too. "PUSHED" before a question: its groups or its first
-- rows are made by ClickHouse, and the plan must say so.

-- How many, and of what
PUSHED SELECT count(*) FROM spans
PUSHED SELECT count(*) AS n FROM spans WHERE service = 'nobody'
PUSHED SELECT service, count(*) FROM spans GROUP BY service
PUSHED SELECT service, kind, status, count(*) FROM spans GROUP BY service, kind, status
PUSHED SELECT count(*) AS a, count(customer_id) AS b, count(region) AS c, count(1) AS d FROM spans
PUSHED SELECT count(status_message), count(version) FROM spans WHERE service = 'nobody'
PUSHED SELECT customer_id, count(*) FROM spans GROUP BY customer_id
PUSHED SELECT customer_id, region, count(*), count(customer_id) FROM spans GROUP BY 1, 2
PUSHED SELECT count(DISTINCT customer_id) FROM spans
PUSHED SELECT service, count(DISTINCT customer_id), count(*) FROM spans GROUP BY service
PUSHED SELECT count(DISTINCT trace_id), count(DISTINCT span_id) FROM spans
PUSHED SELECT count(DISTINCT amount), count(amount) FROM events
PUSHED SELECT DISTINCT service FROM spans
PUSHED SELECT DISTINCT customer_id, status FROM spans WHERE kind = 'server'
PUSHED SELECT DISTINCT trace_id FROM logs WHERE trace_id IS NOT NULL
PUSHED SELECT DISTINCT attr(attributes, 'k') FROM spans
PUSHED SELECT attributes ->> 'k' AS k, count(*) FROM spans WHERE resource ->> 'service.name' = 'x' GROUP BY k
PUSHED SELECT count(*) FROM (SELECT DISTINCT service, operation FROM spans) AS pairs
PUSHED SELECT count(*) FROM (SELECT service FROM spans GROUP BY service) AS g
PUSHED SELECT severity, count(*) FROM logs GROUP BY severity
PUSHED SELECT event_name, severity_text, count(*) FROM logs GROUP BY 1, 2
PUSHED SELECT symbol, side, count(*) FROM events GROUP BY symbol, side
PUSHED SELECT type, monotonic, temporality, count(*) FROM metrics GROUP BY type, monotonic, temporality
PUSHED SELECT monotonic FROM metrics GROUP BY monotonic

-- Sums, means, extremes
PUSHED SELECT sum(duration_ns) FROM spans
PUSHED SELECT sum(duration_ns) FROM spans WHERE service = 'nobody'
PUSHED SELECT service, sum(duration_ns), avg(duration_ns) FROM spans GROUP BY service
PUSHED SELECT service, min(duration_ns), max(duration_ns) FROM spans GROUP BY service
PUSHED SELECT min(ts), max(ts) FROM spans
PUSHED SELECT service, min(ts), max(ts) FROM logs GROUP BY service
PUSHED SELECT min(service), max(service), min(customer_id), max(customer_id) FROM spans
PUSHED SELECT min(status_message), max(region) FROM spans WHERE service = 'nobody'
PUSHED SELECT min(trace_id), max(span_id), min(parent_span_id) FROM spans
PUSHED SELECT customer_id, avg(duration_ns) FROM spans GROUP BY customer_id
PUSHED SELECT sum(amount), sum(quantity), sum(price) FROM events WHERE fee IS NULL
PUSHED SELECT symbol, sum(amount), min(amount), max(amount), count(amount) FROM events GROUP BY symbol
PUSHED SELECT name, currency, sum(fee) FROM events GROUP BY name, currency
PUSHED SELECT min(price), max(price), min(quantity), max(quantity) FROM events
PUSHED SELECT sum(int_value), min(int_value), max(int_value), avg(int_value), count(int_value) FROM metrics
PUSHED SELECT type, sum(int_value), avg(int_value) FROM metrics GROUP BY type
PUSHED SELECT sum(severity), avg(severity) FROM logs
PUSHED SELECT sum(calls), sum(errors), max(duration_max_ns) FROM span_minute
PUSHED SELECT service, sum(calls), sum(errors), sum(duration_sum_ns) FROM services GROUP BY service
PUSHED SELECT service, operation, kind, sum(calls) FROM span_minute GROUP BY 1, 2, 3
PUSHED SELECT bucket, sum(spans) FROM latency_buckets GROUP BY bucket
PUSHED SELECT service, bucket, sum(spans) FROM latency_buckets WHERE bucket > 100 GROUP BY service, bucket
PUSHED SELECT min(start_ts), max(end_ts), sum(spans), count(*) FROM traces
PUSHED SELECT sum(good), sum(total), min(slice), max(slice) FROM slo_slices
PUSHED SELECT symbol, sum(quantity), sum(trades) FROM portfolio_moves GROUP BY symbol
PUSHED SELECT adviser_id, count(*), sum(trades) FROM portfolios GROUP BY adviser_id
PUSHED SELECT max(octave), min(duration_ns) FROM exemplars
PUSHED SELECT kind, count(*), count(event) FROM anomalies GROUP BY kind
PUSHED SELECT mode, max(replicas), min(replicas) FROM plans GROUP BY mode

-- By steps of time
PUSHED SELECT date_trunc('minute', ts), count(*) FROM spans GROUP BY 1
PUSHED SELECT date_trunc('hour', ts) AS hour, count(*), sum(duration_ns) FROM spans GROUP BY hour
PUSHED SELECT date_trunc('day', ts) AS day, service, count(*) FROM spans GROUP BY day, service
PUSHED SELECT date_trunc('week', ts), count(*) FROM spans GROUP BY 1
PUSHED SELECT date_trunc('second', ts), max(body) FROM logs GROUP BY 1
SELECT date_trunc('month', ts), count(*) FROM spans GROUP BY 1
SELECT date_trunc('quarter', ts), date_trunc('year', ts), count(*) FROM events GROUP BY 1, 2
PUSHED SELECT date_bin(INTERVAL '5 minutes', ts), count(*) FROM spans GROUP BY 1
PUSHED SELECT date_bin(INTERVAL '7 minutes 30 seconds', ts), count(*) FROM spans GROUP BY 1
PUSHED SELECT date_bin(INTERVAL '1 day', ts, TIMESTAMP '2030-01-01T17:30:00Z'), count(*) FROM spans GROUP BY 1
PUSHED SELECT date_bin(INTERVAL '90 seconds', ts, TIMESTAMP '2031-01-01T00:00:07Z'), min(ts), max(ts) FROM logs GROUP BY 1
SELECT date_bin(INTERVAL '1 month', ts), count(*) FROM spans GROUP BY 1
PUSHED SELECT date_trunc('hour', minute) AS hour, sum(calls), sum(errors) FROM services GROUP BY hour
PUSHED SELECT date_bin(INTERVAL '15 minutes', minute), service, sum(calls) FROM span_minute GROUP BY 1, 2
PUSHED SELECT date_trunc('hour', start_ts), count(*) FROM traces GROUP BY 1
PUSHED SELECT date_trunc('day', day), symbol, sum(trades) FROM asset_moves GROUP BY 1, 2
PUSHED SELECT date_trunc('hour', ts) AS hour, status, count(*) FROM spans WHERE ts >= '2030-05-01T01:00:00Z' AND ts < '2030-05-01T04:00:00.000000001Z' GROUP BY hour, status
SELECT date_part('hour', ts), count(*) FROM spans GROUP BY 1
SELECT extract(minute FROM ts) AS m, count(*) FROM spans GROUP BY m

-- Only some of the rows
PUSHED SELECT service, count(*) FILTER (WHERE status = 'error') AS failed, count(*) AS all FROM spans GROUP BY service
PUSHED SELECT count(*) FILTER (WHERE customer_id = 'c1'), count(*) FILTER (WHERE customer_id IS NULL), count(customer_id) FILTER (WHERE kind = 'server') FROM spans
PUSHED SELECT kind, sum(duration_ns) FILTER (WHERE status = 'error'), avg(duration_ns) FILTER (WHERE status = 'error'), max(ts) FILTER (WHERE status = 'nothing') FROM spans GROUP BY kind
PUSHED SELECT count(DISTINCT customer_id) FILTER (WHERE status = 'ok'), count(DISTINCT service) FROM spans
PUSHED SELECT sum(amount) FILTER (WHERE side = 'buy'), sum(amount) FILTER (WHERE side = 'sell'), min(price) FILTER (WHERE amount > 0) FROM events
PUSHED SELECT count(*) FILTER (WHERE attr(attributes, 'k') = 'x'), count(*) FILTER (WHERE attr(attributes, 'k') IS NULL) FROM spans
PUSHED SELECT count(*) FILTER (WHERE duration_ns > 1000000 AND kind IN ('server', 'client')) FROM spans
SELECT count(*) FILTER (WHERE upper(service) = 'ORDER') FROM spans
SELECT service, sum(CASE WHEN status = 'error' THEN 1 ELSE 0 END) FROM spans GROUP BY service
SELECT service, avg(CASE WHEN status = 'error' THEN 1.0 ELSE 0.0 END) FROM spans GROUP BY service
PUSHED SELECT service, count(*) FROM spans WHERE status = 'error' AND kind = 'server' GROUP BY service
PUSHED SELECT service, count(*) FROM spans WHERE attr(attributes, 'http.route') = '/v1' GROUP BY service
PUSHED SELECT operation, count(*) FROM spans WHERE customer_id IN ('c1', 'c2') OR region IS NULL GROUP BY operation
SELECT service, count(*) FROM spans WHERE length(operation) > 5 GROUP BY service
PUSHED SELECT name, count(*) FROM events WHERE amount > 10 GROUP BY name
PUSHED SELECT name, sum(amount) FROM events WHERE amount > 10 AND amount <= 99.5 GROUP BY name

-- By attributes
PUSHED SELECT attr(attributes, 'k') AS k, count(*) FROM spans GROUP BY k
PUSHED SELECT attr(attributes, 'http.route') AS route, status, count(*), max(duration_ns) FROM spans GROUP BY route, status
PUSHED SELECT attr(resource, 'service.name'), count(*) FROM spans GROUP BY 1
PUSHED SELECT count(DISTINCT attr(attributes, 'k')), min(attr(attributes, 'k')), max(attr(attributes, 'k')) FROM spans
PUSHED SELECT attr(attributes, 'none'), count(*) FROM spans GROUP BY 1
SELECT attr(attributes, 'customer.email'), count(*) FROM events GROUP BY 1
SELECT coalesce(attr(attributes, 'k'), 'none') AS k, count(*) FROM spans GROUP BY k
PUSHED SELECT attr(attributes, 'k'), severity, count(*) FROM logs GROUP BY 1, 2

-- What is left of groups
PUSHED SELECT service, count(*) AS n FROM spans GROUP BY service HAVING count(*) > 40
PUSHED SELECT service, count(*) AS n FROM spans GROUP BY service HAVING sum(duration_ns) > 100000000 AND count(*) < 45
PUSHED SELECT service, count(*) AS n FROM spans GROUP BY service ORDER BY n DESC, service
PUSHED SELECT service, count(*) AS n FROM spans GROUP BY service ORDER BY n DESC, service LIMIT 3
PUSHED SELECT operation, max(duration_ns) AS worst FROM spans GROUP BY operation ORDER BY worst DESC NULLS LAST, operation LIMIT 5 OFFSET 2
PUSHED SELECT customer_id, count(*) AS n FROM spans GROUP BY customer_id ORDER BY customer_id NULLS FIRST
PUSHED SELECT service, count(*) * 2 AS twice, sum(duration_ns) / count(*) AS mean FROM spans GROUP BY service
PUSHED SELECT service, CAST(count(*) FILTER (WHERE status = 'error') AS DOUBLE) / count(*) AS share FROM spans GROUP BY service
PUSHED SELECT upper(service) AS s, n FROM (SELECT service, count(*) AS n FROM spans GROUP BY service) AS g
PUSHED SELECT max(n), min(n), avg(n) FROM (SELECT service, count(*) AS n FROM spans GROUP BY service) AS g
PUSHED SELECT service, n, rank() OVER (ORDER BY n DESC, service) FROM (SELECT service, count(*) AS n FROM spans GROUP BY service) AS g
PUSHED SELECT service, count(*), sum(count(*)) OVER () FROM spans GROUP BY service
PUSHED WITH w AS (SELECT service, minute, sum(calls) AS c FROM services GROUP BY 1, 2) SELECT service, max(c) FROM w GROUP BY service
PUSHED SELECT g.service, g.n, h.n FROM (SELECT service, count(*) AS n FROM spans GROUP BY service) g JOIN (SELECT service, count(*) AS n FROM logs GROUP BY service) h ON g.service = h.service
PUSHED SELECT service FROM spans GROUP BY service EXCEPT SELECT service FROM spans WHERE service LIKE 'pay%'
PUSHED SELECT service, count(*) FROM spans GROUP BY service UNION ALL SELECT service, count(*) FROM logs GROUP BY service
PUSHED SELECT service FROM spans GROUP BY service HAVING count(*) > (SELECT count(*) / 10 FROM spans)
PUSHED SELECT service FROM (SELECT service AS service, operation AS o FROM spans) AS renamed GROUP BY service
PUSHED SELECT x, count(*) FROM (SELECT customer_id AS x FROM spans WHERE kind = 'server') AS renamed GROUP BY x
PUSHED SELECT a.b, sum(a.c) FROM (SELECT service AS b, duration_ns AS c FROM spans) AS a GROUP BY a.b
PUSHED SELECT hour, count(*) FROM (SELECT date_trunc('hour', ts) AS hour FROM spans) AS h GROUP BY hour

-- The first rows of an order
PUSHED SELECT ts, service, span_id FROM spans ORDER BY ts DESC, span_id LIMIT 10
PUSHED SELECT ts, service, span_id FROM spans ORDER BY ts, span_id LIMIT 5
PUSHED SELECT ts, span_id, duration_ns FROM spans WHERE status = 'error' ORDER BY duration_ns DESC, span_id LIMIT 8
PUSHED SELECT span_id, customer_id FROM spans ORDER BY customer_id NULLS FIRST, span_id LIMIT 90
PUSHED SELECT span_id, customer_id FROM spans ORDER BY customer_id DESC NULLS LAST, span_id DESC LIMIT 90
PUSHED SELECT span_id, customer_id FROM spans ORDER BY customer_id, span_id LIMIT 290
PUSHED SELECT service, span_id FROM spans ORDER BY service, span_id LIMIT 100
PUSHED SELECT operation FROM spans WHERE service = 'order' ORDER BY ts DESC, span_id LIMIT 7 OFFSET 3
PUSHED SELECT event_id, amount FROM events ORDER BY amount DESC NULLS LAST, event_id LIMIT 12
PUSHED SELECT event_id, amount FROM events ORDER BY amount NULLS FIRST, event_id LIMIT 60
PUSHED SELECT body FROM logs WHERE severity >= 17 ORDER BY ts DESC, body LIMIT 5
PUSHED SELECT s.span_id AS id, s.ts AS at FROM spans AS s ORDER BY at DESC, id LIMIT 6
PUSHED SELECT id FROM (SELECT span_id AS id, duration_ns AS d FROM spans) AS x ORDER BY d DESC, id LIMIT 4
PUSHED SELECT service, minute, calls FROM services ORDER BY calls DESC, minute, service LIMIT 9
PUSHED SELECT trace_id, spans FROM traces ORDER BY spans DESC, trace_id LIMIT 9
PUSHED SELECT parent_span_id, span_id FROM spans ORDER BY parent_span_id DESC NULLS FIRST, span_id LIMIT 70
SELECT ts, value FROM metrics ORDER BY value DESC, ts, type, service LIMIT 12
SELECT span_id FROM spans ORDER BY length(operation), span_id LIMIT 5
PUSHED SELECT int_value, ts, type FROM metrics ORDER BY int_value NULLS FIRST, ts, type LIMIT 7
PUSHED SELECT max(ts) FROM (SELECT ts FROM spans ORDER BY ts LIMIT 50) AS early
PUSHED SELECT service, count(*) FROM (SELECT service FROM spans ORDER BY ts, span_id LIMIT 100) AS early GROUP BY service

-- Groups of which no column is read
PUSHED SELECT mode FROM (SELECT 'all' AS mode, count(*) AS n FROM spans) AS t WHERE mode = 'all' OR n > 5
PUSHED SELECT count(*) FROM (SELECT n AS x, n AS y FROM (SELECT count(*) AS n FROM spans) AS a) AS b WHERE x = y
PUSHED SELECT count(*) FROM (SELECT service, count(*) AS n FROM spans GROUP BY service) AS t WHERE n = n

-- Two groups of one view in one question
PUSHED SELECT (SELECT count(*) FROM spans WHERE status = 'ok') AS ok, (SELECT count(*) FROM spans WHERE status = 'error') AS failed
PUSHED SELECT (SELECT max(ts) FROM spans) AS last, (SELECT min(ts) FROM spans) AS first
PUSHED SELECT a.n, b.n FROM (SELECT count(*) AS n FROM spans WHERE kind = 'server') a CROSS JOIN (SELECT count(*) AS n FROM spans WHERE kind = 'client') b
PUSHED SELECT service, count(*) FROM spans WHERE status = 'ok' GROUP BY service UNION ALL SELECT service, count(*) FROM spans WHERE status = 'error' GROUP BY service
PUSHED SELECT span_id FROM (SELECT span_id FROM spans ORDER BY ts, span_id LIMIT 3) AS a UNION ALL SELECT span_id FROM (SELECT span_id FROM spans ORDER BY ts DESC, span_id LIMIT 3) AS b

-- Joins, subqueries, windows: DataFusion's
SELECT s.service, count(*) FROM spans s JOIN logs l ON s.trace_id = l.trace_id GROUP BY s.service
SELECT s.service, count(l.body), count(*) FROM spans s LEFT JOIN logs l ON s.trace_id = l.trace_id AND l.severity >= 17 GROUP BY 1
SELECT count(*) FROM spans WHERE trace_id IN (SELECT trace_id FROM logs WHERE severity > 20)
SELECT count(*) FROM spans s WHERE EXISTS (SELECT 1 FROM spans t WHERE t.parent_span_id = s.span_id)
SELECT count(*) FROM spans s WHERE NOT EXISTS (SELECT 1 FROM logs l WHERE l.trace_id = s.trace_id)
SELECT service, duration_ns, lag(duration_ns) OVER (PARTITION BY service ORDER BY ts, span_id) FROM spans WHERE kind = 'server'
SELECT service, ts, sum(duration_ns) OVER (PARTITION BY service ORDER BY ts, span_id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM spans
SELECT a.n - b.n FROM (SELECT count(*) AS n FROM spans) a CROSS JOIN (SELECT count(*) AS n FROM logs) b
SELECT service, kind, count(*) FROM spans GROUP BY ROLLUP (service, kind)
SELECT service, kind, count(*) FROM spans GROUP BY GROUPING SETS ((service), (kind), ())
SELECT service, string_agg(operation, ',' ORDER BY operation) FROM spans WHERE status = 'error' GROUP BY service
SELECT service, first_value(operation ORDER BY ts, span_id) FROM spans GROUP BY service
SELECT service, approx_distinct(customer_id) FROM spans GROUP BY service
SELECT service, median(duration_ns) FROM spans GROUP BY service
SELECT service, stddev(duration_ns) FROM spans WHERE service = 'order' GROUP BY service
SELECT type, min(value), max(value) FROM metrics GROUP BY type
SELECT name, sum(amount * 2), sum(amount + price) FROM events GROUP BY name
SELECT round(2.5), round(-2.5), 7 / 2, -7 / 2, -7 % 3, CAST(1 AS DECIMAL(10, 2)) / 3
SELECT service || '/' || operation AS what, count(*) FROM spans GROUP BY what
SELECT lower(service), reverse(service), length(service), substr(service, 2, 2), count(*) FROM spans GROUP BY service
SELECT concat(customer_id, region), count(*) FROM spans GROUP BY 1
SELECT count(*) FROM spans WHERE customer_id NOT IN ('c1', NULL)
SELECT count(*) FROM spans WHERE NOT (customer_id = 'c1')
SELECT count(*) FROM spans WHERE service ~ '^pay'
SELECT count(*) FROM spans WHERE ts > TIMESTAMP '2030-05-01T00:00:10.5Z' + INTERVAL '90 seconds'
SELECT count(*) FROM metrics WHERE value > 0.0
SELECT count(*), sum(value) FROM metrics WHERE name = 'requests' AND value < 200
SELECT service, sum(calls) FROM span_minute WHERE kind = 'server' OR calls > 1 GROUP BY service

-- Groups of groups: the figures pass over the groups that the view is made of, or the view's groups are made first
PUSHED SELECT service, max(duration_max_ns), min(minute), max(minute), count(DISTINCT operation) FROM span_minute GROUP BY service
PUSHED SELECT service, count(*), sum(calls) FROM span_minute GROUP BY service
PUSHED SELECT service, avg(calls), max(calls), min(calls) FROM services GROUP BY service
PUSHED SELECT date_trunc('hour', minute) AS hour, sum(spans), count(DISTINCT bucket) FROM latency_buckets GROUP BY hour
PUSHED SELECT sum(bucket) FROM latency_buckets
PUSHED SELECT calls, count(*) FROM services GROUP BY calls
PUSHED SELECT service, sum(calls) FILTER (WHERE kind = 'server'), sum(errors) FILTER (WHERE status = 'error') FROM span_minute GROUP BY service
PUSHED SELECT DISTINCT service, version FROM latency_buckets
PUSHED SELECT count(*) FROM (SELECT DISTINCT service, minute FROM services) AS s
PUSHED SELECT min(start_ts), max(end_ts), max(start_ts), min(end_ts), min(spans) FROM traces
PUSHED SELECT date_trunc('minute', start_ts) AS m, max(end_ts) FROM traces GROUP BY m
PUSHED SELECT latency_quantile(0.5, bucket, spans) FROM latency_buckets
PUSHED SELECT latency_quantile(0.5, bucket, spans) FROM latency_buckets WHERE service = 'nobody'
PUSHED SELECT service, latency_quantile(0.5, bucket, spans) AS p50, latency_quantile(0.99, bucket, spans) AS p99, sum(spans) AS n FROM latency_buckets GROUP BY service
PUSHED SELECT service, date_bin(INTERVAL '5 minutes', minute) AS step, round(latency_quantile(0.95, bucket, spans) / 1e6, 1) AS ms FROM latency_buckets WHERE kind = 'server' GROUP BY service, step ORDER BY service, step
PUSHED SELECT b.version, latency_quantile(0.9, b.bucket, b.spans) FROM (SELECT version, bucket, spans FROM latency_buckets WHERE status != 'error') AS b GROUP BY b.version HAVING sum(b.spans) > 1
SELECT service, latency_quantile(0.9, bucket, spans) FILTER (WHERE status = 'ok') FROM latency_buckets GROUP BY service
SELECT kind, latency_quantile(0.9, bucket, spans * 2) FROM latency_buckets GROUP BY kind
SELECT * FROM latency
SELECT operation, minute, p99_ns FROM latency WHERE service = 'order' AND p99_ns > 1000000 ORDER BY p99_ns DESC LIMIT 5
SELECT service, max(p95_ns), min(max_ns), count(*) FROM latency GROUP BY service
PUSHED SELECT service, sum(requests) AS requests, sum(errors) AS errors FROM latency GROUP BY service
PUSHED SELECT date_trunc('hour', minute) AS hour, sum(errors) FILTER (WHERE service <> 'ZZ') FROM latency GROUP BY hour
PUSHED SELECT count(*), max(errors), avg(requests) FROM latency WHERE operation LIKE 'GET%'
