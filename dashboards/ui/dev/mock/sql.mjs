// Answers in SQL: the catalog, a plan, and one answer for every other statement.
import { iso } from './world.mjs';

const VIEWS = {
  services: [
    ['service', 'Utf8', 'NO'],
    ['minute', 'Timestamp(ns, "UTC")', 'NO'],
    ['calls', 'UInt64', 'NO'],
    ['errors', 'UInt64', 'NO'],
  ],
  spans: [
    ['ts', 'Timestamp(ns, "UTC")', 'NO'],
    ['service', 'Utf8', 'NO'],
    ['version', 'Utf8', 'YES'],
    ['duration_ns', 'UInt64', 'NO'],
  ],
};
const FUNCTIONS = [
  ['attr', null, null],
  ['count', 'count(expression)', 'Returns the number of non-null values in the specified column.'],
  ['sum', 'sum(expression)', 'Returns the sum of all values in the specified column.'],
];
const PLAN = [
  ['logical_plan', 'TableScan: spans projection=[service]'],
  [
    'physical_plan',
    "ScanExec: view=spans, columns=[service], filters=[], sql=SELECT t.`service` AS c0 FROM `headroom`.`spans` AS t WHERE t.`tenant` = 'demo'\n",
  ],
];

const columns = (names, type = 'text') => names.map((name) => ({ name, type }));
const shape = (of, rows) => ({ columns: of, rows, row_count: rows.length, truncated: false, elapsed_ms: 41 });

export function answer(text, now) {
  if (/information_schema\.columns/.test(text))
    return shape(
      columns(['table_name', 'column_name', 'data_type', 'is_nullable']),
      Object.entries(VIEWS).flatMap(([view, list]) => list.map((column) => [view, ...column])),
    );
  if (/information_schema\.routines/.test(text))
    return shape(columns(['routine_name', 'syntax', 'description']), FUNCTIONS);
  if (/^explain/i.test(text)) return shape(columns(['plan_type', 'plan']), PLAN);
  return shape(
    [...columns(['hour'], 'timestamptz'), ...columns(['orders'], 'int8'), ...columns(['turnover'], 'numeric')],
    [3, 2, 1, 0].map((back) => [iso(now - back * 3_600_000), 120 - 7 * back, `${98112 + back}.250000000001`]),
  );
}
