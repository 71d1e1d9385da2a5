/** The body of an SQL answer. */
import type { Json } from './types';

export interface SqlBody {
  columns: { name: string; type: string }[];
  rows: Json[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
}
