/** The bodies of walls and what-ifs. */
import type { Interval, Iso } from './types';

/** Names of what is changed, with a number each. */
export type Factors = Record<string, number>;
/** Changes to the platform as it was measured; an empty one changes nothing. */
export interface WhatIf {
  /** By operation: times its demand. */
  traffic: Factors;
  /** By service: instances. */
  replicas: Factors;
  /** By service: times the cores and memory of an instance. */
  instance_size: Factors;
  /** By service or `service/pool`: connections in all instances. */
  pool_size: Factors;
  cache_hit_ratio: HitRatio[];
  fan_out: CallLink[];
  /** By the wall's id: calls a second, partitions, or connections of a database. */
  limit: Factors;
  /** By service: times the time in its serialised section. */
  section: Factors;
  /** By service: times the work of a request. */
  work: Factors;
  /** Customers of a new market at today's busiest time, as a share of today's peak. */
  new_market: number;
}
export interface HitRatio {
  from: string;
  to: string;
  today: number;
  then: number;
}
export interface CallLink {
  from: string;
  to: string;
  times: number;
}
export type WallKind =
  'cpu' | 'memory' | 'connections' | 'event_loop' | 'contention' | 'rate' | 'partitions' | 'database';
export interface WallResource {
  /** Of several that share it the one that uses most; empty where none is known. */
  service: string;
  kind: WallKind;
  /** Of the pool, upstream, topic or database; empty where there is but one. */
  name: string;
}
/** A resource of a service that is measured. */
export interface Resource {
  service: string;
  kind: 'cpu' | 'memory' | 'connections' | 'event_loop' | 'queue';
  /** The pool's name; empty where there is but one. */
  name: string;
}
/** A growth factor with its 95 % interval, counted from today's peak. */
export interface Reach {
  factor: number;
  low: number;
  high: number;
  per_second: number;
  utilisation: number;
}
export interface WallWhen {
  /** Days, such as 2027-03-31. */
  date: string | null;
  earliest: string | null;
  latest: string | null;
  forecast: Iso | null;
  event: string | null;
  /** What the dates rest on, or why there are none. */
  why: string;
}
export interface WallEvidence {
  method: string;
  source: string;
  points: number;
  r_squared: number | null;
  idle: number | null;
  per_request: number | null;
  /** Highest requests a second that were seen, as a share of those at the limit. */
  seen: number;
  doubts: string[];
}
export interface WallMove {
  change: string;
  what_if: WhatIf;
  from: number;
  /** None where the wall is gone. */
  to: number | null;
  /** Id and factor of the platform's first wall after it. */
  then_first: [string, number] | null;
}
export interface Wall {
  /** `service/kind/name` */
  id: string;
  resource: WallResource;
  sentence: string;
  peak: { per_second: number; at: Iso };
  today: { used: number; capacity: number; unit: string; utilisation: number };
  /** Where waiting begins. */
  knee: Reach;
  /** Where it breaks: callers give up, or nothing is left. */
  limit: Reach;
  when: WallWhen;
  strength: 'good' | 'weak';
  evidence: WallEvidence;
  moves: WallMove[];
}
export interface WallStage {
  factor: number;
  first: string[];
  walls: number;
  sentence: string;
}
export interface NoWall {
  resource: WallResource;
  why: string;
}
export interface WallsBody {
  range: Interval;
  made_at: Iso;
  step_seconds: number;
  /** By the knee's factor, smallest first. */
  walls: Wall[];
  stages: WallStage[];
  without: NoWall[];
  trend: { per_month: number | null; low: number | null; high: number | null; days: number; why: string };
  what_if: WhatIf;
}
