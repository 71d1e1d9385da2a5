/** The bodies of administration: accounts, tokens, sessions, and how the node is set up. */
import type { Iso, Role } from './types';

export interface Account {
  name: string;
  role: Role;
  /** The OpenID provider that vouches for them; null of an account of Headroom's own. */
  issuer: string | null;
  created_at: Iso;
  signed_in_at: Iso | null;
  disabled_at: Iso | null;
  sessions: number;
}
export interface AccountsBody {
  accounts: Account[];
}
export interface NewAccount {
  name: string;
  role: Role;
  password: string;
}
export interface Token {
  name: string;
  role: Role;
  tenant: string;
  created_at: Iso;
  /** To the hour. */
  used_at: Iso | null;
  revoked_at: Iso | null;
}
export interface TokensBody {
  tokens: Token[];
  /** Names of tokens that the configuration lists. */
  configured: string[];
}
export interface NewToken {
  name: string;
  role: Role;
}
export interface MadeToken {
  name: string;
  /** Shown this once. */
  token: string;
}
export interface OpenSession {
  id: string;
  user: string;
  door: string;
  address: string | null;
  created_at: Iso;
  expires_at: Iso;
  /** Whether it is the one that asks. */
  own: boolean;
}
export interface SessionsBody {
  sessions: OpenSession[];
  truncated: boolean;
}
export interface Leader {
  role: string;
  node: string;
  until: Iso;
  leads: boolean;
  here: boolean;
}
export interface KeptTable {
  table: string;
  days: number | null;
  /** The rule of the table as it is, in ClickHouse's words. */
  rule: string | null;
  configured_days: number | null;
  rows: number;
  bytes: number;
}
export interface TenantLimits {
  tenant: string;
  limits: { limit: string; most: number | null; used: number | null }[];
}
export interface NodeBody {
  version: string;
  name: string;
  tenant: string;
  roles: string[];
  started_at: Iso;
  shared: boolean;
  leaders: Leader[];
  tables: KeptTable[];
  tables_unavailable: string | null;
  requests_per_second: number;
  limits: TenantLimits[];
  /** TOML, without secrets. */
  configuration: string;
}
