import type { Iso } from './types';

/** The body of `/capacity/services/{service}/curve`. Times in seconds or milliseconds as the names say. */

/** A figure, or why there is none. */
export type Told<T> = { known: T } | { unavailable: { why: string } };
export type Grade = 'good' | 'weak' | 'refused';
export type Bounds = [number, number];
/** A bound that resamples do not have is none. */
export type OpenBounds = [number | null, number | null];

export interface CurvePoint {
  ts: Iso;
  /** Requests a second that came. */
  rate: number;
  /** Requests a second that succeeded. */
  throughput: number;
  /** Requests under way in the mean. */
  concurrency: number;
  mean_ms: number | null;
  /** Of that, in the service itself; none for one operation. */
  own_ms: number | null;
  /** None for one version. */
  p99_ms: number | null;
  errors: number;
}
/** A load and the throughput there. */
export interface Peak {
  load: number;
  throughput: number;
}
export interface Intervals {
  level: number;
  alpha: Bounds;
  beta: Bounds;
  gamma: Bounds;
}
export interface Bootstrap {
  level: number;
  resamples: number;
  alpha: OpenBounds;
  beta: OpenBounds;
  gamma: OpenBounds;
  peak_load: OpenBounds;
  peak_throughput: OpenBounds;
  limit: OpenBounds;
}
/** The Universal Scalability Law; without coefficients where it is refused. */
export interface CurveFit {
  verdict: Grade;
  reasons: string[];
  notes: string[];
  alpha: number | null;
  beta: number | null;
  gamma: number | null;
  student_intervals: Intervals | null;
  bootstrap: Bootstrap | null;
  r_squared: number | null;
  peak: Peak | null;
  peak_reason: string | null;
  limit: number | null;
  limit_reason: string | null;
  points: { count: number; distinct_loads: number; load: Bounds; throughput: Bounds } | null;
}
/** A delay, and a section that so many requests pass at a time; in seconds. */
export interface Residence {
  delay: number;
  service: number;
  servers: number;
  service_cv2: number;
}
/** The law of residence: own time against rate. */
export interface LatencyFit {
  verdict: Grade;
  reasons: string[];
  residence: Residence | null;
  /** Requests a second at which the section is full. */
  capacity: number | null;
  capacity_interval: Bounds | null;
  capacity_if_constant: number | null;
  capacity_if_exponential: number | null;
  highest_utilisation: number | null;
  minutes: { count: number; left_out: number; requests: number; arrival_rate: Bounds };
  level: number;
}
export interface LatencyKnee {
  promised_by: string;
  target_ms: number;
  percentile: number;
  knee: { throughput: number; utilisation: number; why: string };
}
export interface PoolHeadroom {
  kind: 'cpu' | 'connections' | 'event_loop';
  name: string;
  servers: number;
  offered: number;
  utilisation: number;
  wait_probability: Told<number>;
  target_utilisation: Told<number>;
  /** Times the busiest step's use. */
  headroom: Told<number>;
}
export interface ServiceCurve {
  service: string;
  operation: string | null;
  version: string | null;
  range: { from: Iso; to: Iso };
  step_seconds: number;
  points: CurvePoint[];
  usl: CurveFit;
  residence: Told<LatencyFit>;
  latency_knee: Told<LatencyKnee>;
  pools: PoolHeadroom[];
}
