/** The bodies of forecasts, anomalies and plans. */
import type { Iso } from './types';

export interface CalendarEvent {
  name: string;
  class: string;
  venue?: string | null;
  start: Iso;
  end: Iso;
  multiplier?: number | null;
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
