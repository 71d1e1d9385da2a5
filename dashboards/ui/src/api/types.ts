/**
 * What the bodies of the HTTP API share, as /openapi.json documents it; the
 * bodies stand beside this file by subject. Times are RFC 3339 strings in UTC,
 * durations nanoseconds as numbers (fields named *_ns), money and quantities
 * decimal strings that are never turned into floats for display.
 */
export type Iso = string;
export type Money = string;
export type Role = 'agent' | 'sre' | 'analyst' | 'lead' | 'admin' | 'ingest';
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
