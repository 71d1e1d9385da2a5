/**
 * The bodies of the HTTP API, as the server documents them in /openapi.json.
 * Times are RFC 3339 strings in UTC, durations nanoseconds as numbers (fields
 * named *_ns), money and quantities decimal strings that are never turned into
 * floats for display.
 */
export type Iso = string;
export type Money = string;
export type Role = 'agent' | 'sre' | 'analyst' | 'admin' | 'ingest';
/** A JSON value whose shape the sender chose (attributes, SQL cells). */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Attributes = Record<string, Json>;

export interface ErrorBody {
  error: { code: string; message: string; hint?: string | null };
}
export interface Session {
  user: string;
  role: Role;
  tenant: string;
}
export interface Interval {
  from: Iso;
  to: Iso;
}

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

export interface TraceRow {
  trace_id: string;
  root_service: string;
  root_operation: string;
  start: Iso;
  duration_ns: number;
  spans: number;
  errors: number;
  services: string[];
}
export interface TracesBody {
  traces: TraceRow[];
  truncated: boolean;
}
export interface SpanEvent {
  ts: Iso;
  name: string;
  attributes: Attributes;
}
export interface TraceSpan {
  span_id: string;
  parent_span_id: string | null;
  service: string;
  operation: string;
  kind: string;
  status: string;
  status_message: string;
  start: Iso;
  start_offset_ns: number;
  duration_ns: number;
  depth: number;
  critical: boolean;
  customer_id: string;
  attributes: Attributes;
  resource: Attributes;
  events: SpanEvent[];
  links: { trace_id: string; span_id: string }[];
}
export interface TraceLog {
  ts: Iso;
  service: string;
  severity_text: string;
  event_name: string;
  body: string;
  span_id: string;
  attributes: Attributes;
}
export interface TraceBody {
  trace_id: string;
  start: Iso;
  duration_ns: number;
  services: string[];
  truncated: boolean;
  spans: TraceSpan[];
  logs: TraceLog[];
}

export interface SloRow {
  name: string;
  display_name: string;
  service: string;
  /** The promise in one sentence. */
  objective: string;
  target: number;
  window: string;
  budgeting_method: string;
  /** Share that was good in the window. */
  status: number | null;
  good: number | null;
  total: number | null;
  /** 1 untouched, 0 spent, negative overspent. */
  budget_remaining: number | null;
  unavailable: string | null; /** By window: "5m", "1h", "6h", "3d" and others. */
  burn: Partial<Record<string, number | null>>;
  coverage: number | null;
  exhausts_at: Iso | null;
  sentence: string;
  /** Of a composite, the objectives that are weighed together. */
  parts: SloPart[];
  /** The composite that it is a part of and alerts through. */
  part_of: string | null;
}
export interface SloPart {
  name: string;
  display_name: string;
  /** Of the whole, in (0, 1]. */
  share: number;
  target: number;
}
export interface SlosBody {
  slos: SloRow[];
}
export interface SloPoint {
  ts: Iso;
  good: number;
  total: number;
  budget_remaining: number | null;
  burn_1h: number | null;
}
export interface SloBody extends SloRow {
  definition: string;
  series: SloPoint[];
  alerts: Alert[];
  /** The budget when the traffic that is forecast arrives and fails as the last hour did. */
  ahead: Ahead | null;
  ahead_unknown: string | null;
}
export interface Ahead {
  error_rate: number;
  points: { ts: Iso; budget_remaining: number }[];
  /** Null when it lasts as far as traffic is forecast, or is spent already. */
  exhausts_at: Iso | null;
}
/** The times from firing to resolved. */
export interface Episodes {
  count: number;
  seconds: number;
  first: Iso | null;
  last: Iso | null;
  /** The last one is still open at the end. */
  open: boolean;
}
export interface RuleHistory {
  rule: { severity: string; long: number; short: number; threshold: number; budget_fraction: number };
  fired: Episodes;
}
export interface BacktestBody {
  from: Iso | null;
  until: Iso | null;
  steps: number;
  /** Each rule alone. */
  rules: RuleHistory[];
  /** All rules together. */
  pages: Episodes;
  tickets: Episodes;
}

export interface Alert {
  id: string;
  slo: string;
  service: string;
  severity: string;
  state: string;
  started_at: Iso;
  resolved_at: Iso | null;
  burn_short: number | null;
  burn_long: number | null;
  threshold: number | null;
  windows: string;
  summary: string;
  acknowledged_by: string | null;
  resolved_because?: string | null;
  causes: Cause[];
  runbook: string | null;
  labels: Record<string, string>;
  /** Null once it is over, and in the bodies of the overview and of an objective. */
  context: AlertContext | null;
}
/** Why an alert got worse than the rule that it began with. */
export type Cause = 'burn' | 'unacknowledged' | 'lasting' | 'customers' | 'transactions' | 'value' | 'down';
export interface HitCount {
  hit: number;
  of: number | null;
}
export interface AlertChange {
  kind: string;
  what: string;
  at: Iso;
}
export interface AlertContext {
  customers: HitCount | null;
  transactions: HitCount | null;
  money: { amount: Money; currency: string } | null;
  changes: AlertChange[];
  differences: string[];
  traces: { text: string; url: string }[];
  dora: { major: boolean; met: string[]; words: string } | null;
}
export interface AlertsBody {
  alerts: Alert[];
}

export interface CalendarEvent {
  name: string;
  class: string;
  venue?: string | null;
  start: Iso;
  end: Iso;
  multiplier?: number | null;
}
export interface OverviewBody {
  sentence: string;
  services: ServiceRow[];
  slos: SloRow[];
  alerts: Alert[];
  demand: {
    service: string | null;
    unavailable: string | null;
    series: { ts: Iso; actual: number | null; q50: number | null; q90: number | null }[];
    events: CalendarEvent[];
  };
}

export interface Customer {
  customer_id: string;
  email_masked: string | null;
  name_masked: string | null;
  country: string | null;
}
export interface JourneyStep {
  ts: Iso;
  event: string;
  title: string;
  service: string;
  outcome: 'ok' | 'failed' | 'pending' | 'info';
  detail: string;
  trace_id: string | null;
  amount: Money | null;
  currency: string | null;
}
export interface LookupTrace {
  trace_id: string;
  ts: Iso;
  operation: string;
  duration_ns: number;
  status: string;
}
export interface LookupBody {
  query: string;
  kind: string;
  customer: Customer | null;
  verdict: { state: 'ok' | 'failed' | 'in_progress' | 'unknown'; sentence: string; next_step: string };
  journey: JourneyStep[];
  traces: LookupTrace[];
  truncated: boolean;
  matches: { kind: string; value: string }[];
}
export interface RevealBody {
  customer_id: string;
  email: string | null;
  name: string | null;
  country: string | null;
  expires_at: Iso;
}

export interface ForecastPoint {
  ts: Iso;
  q50: number;
  q80: number;
  q90: number;
  q95: number;
  q99: number;
  q999: number;
}
/** Where demand was not what had been forecast at the midnight before. */
export interface Anomaly {
  service: string;
  metric: string;
  ts: Iso;
  since: Iso;
  kind: 'point' | 'run' | 'shape' | 'level';
  side: 'above' | 'below';
  value: number;
  expected: number;
  score: number;
  tail: number;
  event: string | null;
  reason: string;
  detected_at: Iso;
}
export interface AnomaliesBody {
  anomalies: Anomaly[];
}
/** Scores of a forecaster over some steps of a back-test, beside the same minute of the day before. */
export interface SkillPart {
  kind: 'all' | 'event' | 'lead';
  part: string;
  points: number;
  pinball90: number;
  coverage90: number;
  relative_mae: number | null;
  relative_wql: number | null;
}
export interface ModelSkill {
  model: string;
  parts: SkillPart[];
}
export interface Skill {
  made_at: Iso;
  chosen: string;
  models: ModelSkill[];
}
/** What is forecast: a service's requests, or a series of the configuration (of a service or none). */
export interface ForecastSubject {
  metric: string;
  service: string;
}
export interface SubjectsBody {
  subjects: ForecastSubject[];
}
export interface ForecastBody {
  service: string;
  metric: string;
  made_at: Iso | null;
  model: string | null;
  points: ForecastPoint[];
  actual: { ts: Iso; value: number }[];
  events: CalendarEvent[];
  anomalies: Anomaly[];
  skill: Skill | null;
  unavailable: string | null;
}
export interface PlanStep {
  ts: Iso;
  replicas: number;
  reactive: number;
  reason: string;
  mode: 'shadow' | 'act' | null;
}
export interface PlanService {
  service: string;
  capacity_per_replica: number | null;
  lead_seconds: number | null;
  quantile: number | null;
  steps: PlanStep[];
}
export interface PlanBody {
  made_at: Iso | null;
  services: PlanService[];
}

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

export interface SqlBody {
  columns: { name: string; type: string }[];
  rows: Json[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
}
export interface BySignal {
  traces: number;
  logs: number;
  metrics: number;
}
export interface ReasonCount {
  reason: string;
  count: number;
}
export interface LimitUse {
  limit: string;
  most: number | null;
  used: number | null;
}
export interface IngestTenant {
  tenant: string;
  accepted: BySignal;
  /** Means of the last minute. */
  per_second: BySignal & { bytes: number };
  refused: ReasonCount[];
  rejected: ReasonCount[];
  warned: ReasonCount[];
  limits: LimitUse[];
}
export interface Rejection {
  signal: string;
  reason: string;
  count: number;
  last_seen: Iso;
  detail: string;
}
export interface Receiving {
  accepting: boolean;
  backlog_bytes: number;
  backlog_slices: number;
  oldest: Iso | null;
  log_bytes: number;
  max_log_bytes: number;
  accepted: BySignal;
  rejected: number;
  refused: number;
  refused_strangers: ReasonCount[];
  inserted_rows: number;
  dead_slices: number;
  last_error: { at: Iso; message: string } | null;
  tenants: IngestTenant[];
}
export interface IngestBody {
  version: string;
  parts: { name: string; ready: boolean; detail: string }[];
  ingest: Receiving | null;
  /** Of the reader's tenant, within the last hour. */
  rejected: Rejection[];
  rejected_unavailable: string | null;
}
