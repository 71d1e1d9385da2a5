import { describe, expect, it } from 'vitest';
import type { Account, KeptTable, NodeBody } from '../api/administration';
import { accountsSentence, daysWords, differs, nodeSentence, sessionsSentence, tokensSentence } from './administration';

const AT = '2026-11-20T12:00:00Z';
const account = (name: string, more: Partial<Account> = {}): Account => ({
  name,
  role: 'sre',
  issuer: null,
  created_at: AT,
  signed_in_at: null,
  disabled_at: null,
  sessions: 0,
  ...more,
});
const table = (more: Partial<KeptTable>): KeptTable => ({
  table: 'spans',
  days: 30,
  rule: 'toDateTime(ts) + toIntervalDay(30)',
  configured_days: 30,
  rows: 0,
  bytes: 0,
  ...more,
});

describe('administration', () => {
  it('says who may sign in', () => {
    expect(accountsSentence([account('a', { role: 'admin' })])).toBe(
      '1 account may sign in, 1 of them as administrator.',
    );
    expect(accountsSentence([account('a', { role: 'admin' }), account('b'), account('c', { disabled_at: AT })])).toBe(
      '2 accounts may sign in, 1 of them as administrator; 1 is shut out.',
    );
  });
  it('says which tokens are good', () => {
    const token = {
      name: 't',
      role: 'ingest' as const,
      tenant: 'main',
      created_at: AT,
      used_at: null,
      revoked_at: null,
    };
    expect(tokensSentence({ tokens: [token, { ...token, revoked_at: AT }], configured: [] })).toBe(
      '1 token is good, 1 never used.',
    );
    expect(tokensSentence({ tokens: [{ ...token, used_at: AT }], configured: ['x', 'y'] })).toBe(
      '1 token is good; 2 more are in the configuration.',
    );
  });
  it('counts the people behind sessions', () => {
    const session = { id: '1', user: 'ada', door: 'web', address: null, created_at: AT, expires_at: AT, own: true };
    expect(sessionsSentence([session, { ...session, id: '2' }])).toBe('2 sessions go on, of 1 account.');
  });
  it('tells a table that keeps its rows otherwise', () => {
    expect(differs(table({}))).toBe(false);
    expect(differs(table({ configured_days: 7 }))).toBe(true);
    expect(differs(table({ days: null, rule: null, configured_days: null }))).toBe(false);
    expect(differs(table({ days: null, rule: 'toDateTime(ts) + toIntervalMonth(1)', configured_days: null }))).toBe(
      true,
    );
    expect([daysWords(null), daysWords(1)]).toEqual(['for ever', '1 day']);
  });
  it('says what the node does', () => {
    const body: NodeBody = {
      version: '0.1.0',
      name: 'host/a',
      tenant: 'main',
      roles: ['web', 'alerts'],
      started_at: AT,
      shared: true,
      leaders: [
        { role: 'alerts', node: 'host/a', until: AT, leads: true, here: true },
        { role: 'models', node: 'host/b', until: AT, leads: true, here: false },
      ],
      tables: [table({ days: 31 })],
      tables_unavailable: null,
      requests_per_second: 200,
      limits: [],
      configuration: '',
    };
    expect(nodeSentence(body)).toBe(
      'host/a runs Headroom 0.1.0 with web, alerts and leads alerts. 1 table keeps rows otherwise than is configured.',
    );
  });
});
