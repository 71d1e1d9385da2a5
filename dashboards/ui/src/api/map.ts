/** The body of the service map. */
import type { Quantile, Sampled } from './service';
import type { Interval } from './types';

export interface MapPoint {
  kind: 'service' | 'database' | 'upstream' | 'topic';
  name: string;
}
export interface MapNode extends MapPoint {
  calls: number;
  errors: number;
  error_rate: number | null;
  calls_per_second: number;
  quantiles: Quantile[];
}
export interface MapEdge {
  from: MapPoint;
  to: MapPoint;
  calls: number;
  calls_low: number;
  calls_high: number;
  calls_per_second: number;
  errors: number;
  error_rate: number;
  quantiles: Quantile[];
  sampled: number;
  answered: number;
}
export interface MapBody {
  range: Interval;
  nodes: MapNode[];
  edges: MapEdge[];
  sample: Sampled;
  /** Share of sampled calls of which nothing says where they went. */
  unresolved: number;
  /** Share of sampled requests whose caller's span is not stored. */
  without_caller: number;
  unavailable: string | null;
}
