/** The body of the probes. */
import type { Iso } from './types';

export interface RunShare {
  runs: number;
  failed: number;
  /** Null without runs. */
  success: number | null;
}
export interface Probe {
  name: string;
  service: string;
  operation: string;
  every_seconds: number;
  steps: string[];
  state: 'passing' | 'failing' | 'overdue' | 'waiting';
  /** Since when all runs have ended like the last; of the last seven days. */
  since: Iso | null;
  held_back: string | null;
  last_run: { at: Iso; duration_ms: number; passed: boolean; reason: string | null; trace_id: string } | null;
  hour: RunShare;
  day: RunShare;
}
export interface ProbesBody {
  probes: Probe[];
}
