/** Questions in SQL, and the bodies of their answers. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { post } from './client';
import type { Json } from './types';

export interface SqlColumn {
  name: string;
  /** As Postgres calls it. */
  type: string;
}
export interface SqlBody {
  columns: SqlColumn[];
  rows: Json[][];
  row_count: number;
  truncated: boolean;
  elapsed_ms: number;
}

/** The most rows that the server gives out. */
export const MOST_ROWS = 10_000;

export const askSql = (sql: string, limit: number, signal?: AbortSignal): Promise<SqlBody> =>
  post<SqlBody>('/api/v1/sql', { sql, limit }, undefined, signal);

/** What a program of one version answers always the same: read once. */
export function useFixedSql<T>(sql: string, read: (body: SqlBody) => T): UseQueryResult<T> {
  return useQuery({
    queryKey: ['sql', sql],
    queryFn: ({ signal }) => askSql(sql, MOST_ROWS, signal),
    select: read,
    staleTime: Infinity,
    gcTime: Infinity,
  });
}
