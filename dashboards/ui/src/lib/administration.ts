import type { Account, KeptTable, NodeBody, OpenSession, TokensBody } from '../api/administration';
import type { Role } from '../api/types';
import { plural } from './format';

/** Who a role is, where one is given. */
export const ROLES: readonly (readonly [Role, string])[] = [
  ['agent', 'agent: looks customers up'],
  ['sre', 'sre: runs the platform'],
  ['analyst', 'analyst: asks in SQL'],
  ['lead', 'lead: capacity, cost, objectives'],
  ['admin', 'admin: everything'],
];
/** A program may send telemetry, too. */
export const TOKEN_ROLES: typeof ROLES = [['ingest', 'ingest: sends telemetry'], ...ROLES];

const DOORS: Record<string, string> = { web: 'password', oidc: 'provider', flight: 'Flight SQL' };
export const doorWords = (door: string): string => DOORS[door] ?? 'not known';

export function accountsSentence(accounts: readonly Account[]): string {
  const open = accounts.filter(({ disabled_at: shut }) => shut === null);
  const admins = open.filter(({ role }) => role === 'admin');
  const shut = accounts.length - open.length;
  const may = plural(open.length, 'account may sign in', 'accounts may sign in');
  const who = `${may}, ${admins.length} of them as administrator`;
  return shut === 0 ? `${who}.` : `${who}; ${shut} ${shut === 1 ? 'is' : 'are'} shut out.`;
}

export function tokensSentence({ tokens, configured }: TokensBody): string {
  const good = tokens.filter(({ revoked_at: revoked }) => revoked === null);
  const never = good.filter(({ used_at: used }) => used === null).length;
  const are = `${plural(good.length, 'token is good', 'tokens are good')}${never === 0 ? '' : `, ${never} never used`}`;
  return configured.length === 0
    ? `${are}.`
    : `${are}; ${plural(configured.length, 'more is', 'more are')} in the configuration.`;
}

export function sessionsSentence(sessions: readonly OpenSession[]): string {
  const people = new Set(sessions.map(({ user }) => user)).size;
  return `${plural(sessions.length, 'session goes on', 'sessions go on')}, of ${plural(people, 'account', 'accounts')}.`;
}

/** Whether a table keeps its rows otherwise than is configured. */
export const differs = ({ days, rule, configured_days: wanted }: KeptTable): boolean =>
  days !== wanted || (days === null && rule !== null);

export const daysWords = (days: number | null): string => (days === null ? 'for ever' : plural(days, 'day', 'days'));

export function nodeSentence({ version, name, roles, leaders, tables }: NodeBody): string {
  const leading = leaders.filter(({ leads, here }) => leads && here).map(({ role }) => role);
  const leads = leading.length === 0 ? '' : ` and leads ${leading.join(', ')}`;
  const wrong = tables.filter(differs).length;
  const kept = wrong === 0 ? '' : ` ${plural(wrong, 'table keeps', 'tables keep')} rows otherwise than is configured.`;
  return `${name} runs Headroom ${version} with ${roles.join(', ')}${leads}.${kept}`;
}
