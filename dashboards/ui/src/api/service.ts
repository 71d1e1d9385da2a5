/** The bodies of services: their calls, latency and errors. */
import type { Interval, Iso } from './types';

export interface ServiceRow {
  service: string;
  calls: number;
  errors: number;
  error_rate: number | null;
  calls_per_second: number;
  p50_ns: number | null;
  p95_ns: number | null;
  p99_ns: number | null;
  p99_low_ns?: number | null;
  p99_high_ns?: number | null;
  trend: number[];
}
export interface ServicesBody {
  range: Interval;
  services: ServiceRow[];
}
export interface OperationRow {
  operation: string;
  kind: string;
  calls: number;
  errors: number;
  error_rate: number | null;
  p50_ns: number | null;
  p95_ns: number | null;
  p99_ns: number | null;
}
export interface OperationsBody {
  operations: OperationRow[];
}
export interface SeriesPoint {
  ts: Iso;
  calls: number;
  errors: number;
  p50_ns: number | null;
  p95_ns: number | null;
  p99_ns: number | null;
}
export interface Deploy {
  ts: Iso;
  version: string;
  /** What was told of it last; null when it was only seen. */
  told: 'started' | 'finished' | 'rolled_back' | 'failed' | null;
  /** Why, if it was told to be unplanned. */
  reason: 'fix' | 'incident' | null;
  /** Of the job that did it, if that was told. */
  url: string | null;
}
export interface SeriesBody {
  step_seconds: number;
  points: SeriesPoint[];
  deploys: Deploy[];
}
export interface HeatmapBody {
  step_seconds: number;
  from: Iso;
  to: Iso;
  rows: { low_ns: number; high_ns: number }[];
  columns: Iso[];
  cells: [number, number, number][];
  max: number;
}
export interface Exemplar {
  trace_id: string;
  span_id: string;
  duration_ns: number;
  ts: Iso;
  operation: string;
  status: string;
}
export interface ExemplarsBody {
  exemplars: Exemplar[];
}

/** A percentile with the edges between which the exact one lies. */
export interface Quantile {
  q: number;
  value_ns: number;
  low_ns: number;
  high_ns: number;
}
/** Of what figures are, where not all spans were read. */
export interface Sampled {
  /** Spans that were read. */
  spans: number;
  /** Spans that they stand for. */
  of: number;
  /** Share of the time that was looked at. */
  time: number;
}

export interface RedGroup {
  /** '' where a span has none. */
  value: string;
  calls: number;
  calls_low: number;
  calls_high: number;
  errors: number;
  error_rate: number | null;
  calls_per_second: number;
  quantiles: Quantile[];
  series: SeriesPoint[];
}
export interface RedBody {
  range: Interval;
  step_seconds: number;
  groups: RedGroup[];
  left_out: number;
  calls: number;
  sample: Sampled | null;
  unavailable: string | null;
}

export interface SideFigures {
  range: Interval;
  version: string | null;
  calls: number;
  errors: number;
  error_rate: number | null;
  calls_per_second: number;
  quantiles: Quantile[];
}
export interface ShareChange {
  difference: number;
  low: number;
  high: number;
  p_value: number;
}
export interface QuantileChange {
  q: number;
  ratio: number;
  ratio_low: number | null;
  ratio_high: number | null;
}
export interface OperationChange {
  operation: string;
  baseline_calls: number;
  candidate_calls: number;
  baseline_error_rate: number | null;
  candidate_error_rate: number | null;
  baseline_quantiles: Quantile[];
  candidate_quantiles: Quantile[];
  error_rate: ShareChange | null;
  quantiles: QuantileChange[];
  changed: boolean;
  only_in: 'baseline' | 'candidate' | null;
}
export interface ComparedBody {
  service: string;
  baseline: SideFigures;
  candidate: SideFigures;
  error_rate: ShareChange | null;
  quantiles: QuantileChange[];
  /** Largest difference of the shares of calls up to a duration, and what chance stays below. */
  distance: { value: number; chance: number } | null;
  buckets: { low_ns: number; high_ns: number; baseline: number; candidate: number }[];
  operations: OperationChange[];
  unavailable: string | null;
}

export interface ErrorGroup {
  operation: string;
  /** '' where it is not known. */
  error_type: string;
  /** With numbers, ids, quoted text and addresses replaced. */
  message: string;
  count: number;
  first_seen: Iso;
  last_seen: Iso;
  /** Nothing like it was seen before the range. */
  new: boolean;
  versions: string[];
  series: { ts: Iso; count: number }[];
  trace_id: string;
  traces: string[];
}
export interface ErrorsBody {
  errors: ErrorGroup[];
  left_out: number;
  step_seconds: number;
  looked_back_to: Iso;
  sample: Sampled;
}

export interface Difference {
  scope: 'column' | 'attribute' | 'resource';
  key: string;
  /** Null where it is missing, or withheld. */
  value: string | null;
  withheld: boolean;
  inside: number;
  inside_of: number;
  inside_share: number;
  outside: number;
  outside_of: number;
  outside_share: number;
  difference: number;
  difference_low: number;
  difference_high: number;
  p_value: number;
}
export interface SpanGroup {
  range: Interval;
  spans: number;
  sample: Sampled;
}
export interface DifferencesBody {
  inside: SpanGroup;
  outside: SpanGroup;
  low_ns: number | null;
  high_ns: number | null;
  differences: Difference[];
  tried: number;
  identifiers: { scope: string; key: string; distinct: number; spans: number }[];
  unavailable: string | null;
}
