import { useEffect, useRef, useState } from 'react';
import { askSql, type SqlBody } from '../api/sql';

export interface Answered {
  /** As the reader wrote it. */
  sql: string;
  body: SqlBody;
  /** Tells this run from every other. */
  run: number;
}
interface Failure {
  sql: string;
  error: Error;
  /** Lines that were put in front of what the reader wrote. */
  above: number;
}
interface State {
  running: boolean;
  /** The last answer; it stays while the next statement runs, and when it fails. */
  answered: Answered | null;
  failed: Failure | null;
  cancelled: boolean;
}
export interface Run extends State {
  start: (asked: { sql: string; sent: string; above: number; limit: number }) => void;
  cancel: () => void;
}

/** What became of a statement, and how long it took from here, in ms. */
export type Done = (sql: string, ms: number, body: SqlBody | null) => void;

/** One statement at a time, which can be given up. */
export function useSql(done: Done): Run {
  const [state, setState] = useState<State>({ running: false, answered: null, failed: null, cancelled: false });
  const request = useRef<AbortController | null>(null);
  useEffect(() => () => request.current?.abort(), []);
  const start: Run['start'] = ({ sql, sent, above, limit }) => {
    if (request.current !== null) return;
    const asked = new AbortController();
    request.current = asked;
    const began = Date.now();
    setState((old) => ({ ...old, running: true, failed: null, cancelled: false }));
    askSql(sent, limit, asked.signal)
      .then(
        (body) => {
          setState({ running: false, answered: { sql, body, run: began }, failed: null, cancelled: false });
          done(sql, body.elapsed_ms, body);
        },
        (reason: unknown) => {
          const cancelled = asked.signal.aborted;
          const error = reason instanceof Error ? reason : new Error(String(reason));
          setState((old) => ({ ...old, running: false, failed: cancelled ? null : { sql, error, above }, cancelled }));
          done(sql, Date.now() - began, null);
        },
      )
      .finally(() => (request.current = null));
  };
  return { ...state, start, cancel: () => request.current?.abort() };
}
