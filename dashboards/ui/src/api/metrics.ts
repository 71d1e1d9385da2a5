/** The bodies of metrics. */
import type { Deploy } from './service';
import type { Interval, Iso } from './types';

export type MetricKind = 'gauge' | 'counter' | 'up_down_counter' | 'histogram' | 'exponential_histogram' | 'summary';
export type Aggregation = 'avg' | 'sum' | 'min' | 'max' | 'rate' | 'increase' | 'p50' | 'p90' | 'p99' | 'count';

export interface ListedMetric {
  name: string;
  kind: MetricKind;
  unit: string;
  description: string;
  services: string[];
  series: number;
}
export interface MetricsBody {
  looked_at: Interval;
  metrics: ListedMetric[];
  truncated: boolean;
}
export interface MetricLabel {
  key: string;
  values: number;
  top: { value: string; series: number }[];
}
export interface MetricBody {
  name: string;
  kind: MetricKind;
  other_kinds: MetricKind[];
  unit: string;
  description: string;
  services: string[];
  aggregations: Aggregation[];
  looked_at: Interval;
  series: number;
  labels: MetricLabel[];
}
export interface MetricPoint {
  ts: Iso;
  value: number;
  /** Of a percentile the edges of its bucket; null where it is open. */
  low: number | null;
  high: number | null;
}
export interface MetricLine {
  label: string;
  points: MetricPoint[];
}
export interface MetricExemplar {
  ts: Iso;
  value: number;
  trace_id: string;
  span_id: string;
}
export interface MetricSeriesBody {
  name: string;
  kind: MetricKind;
  delta: boolean;
  unit: string;
  aggregation: Aggregation;
  range: Interval;
  step_seconds: number;
  lines: MetricLine[];
  other: MetricLine | null;
  left_out: number;
  series: number;
  hours: { all: number; told: number; silent: Interval[] };
  deploys: Deploy[];
  exemplars: MetricExemplar[];
  unavailable: string | null;
}
