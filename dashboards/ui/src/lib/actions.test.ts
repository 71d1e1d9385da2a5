import { describe, expect, it } from 'vitest';
import type { Action, ActionDecision } from '../api/actions';
import { actionsSentence, rulesOf, signalWords, standingOf } from './actions';

const NOW = Date.parse('2026-11-27T14:10:00Z');
const decision = (more: Partial<ActionDecision> = {}): ActionDecision => ({
  at: '2026-11-27T14:00:00Z',
  verdict: 'dry',
  alert: 'a-1',
  service: 'order',
  why: 'Orders: burning; 2.31 beside 2.30: worse',
  signals: { burn: 'Orders: burning', canary: '2.31 beside 2.30: worse' },
  ...more,
});
const action = (more: Partial<Action> = {}): Action => ({
  name: 'rollback',
  matchers: ['service="order"', 'severity="critical"'],
  signals: ['burn', 'canary'],
  dry_run: true,
  cool_down_seconds: 1_800,
  most_per_hour: 2,
  verify_after_seconds: 900,
  disabled: null,
  runs_last_hour: 0,
  decisions: [],
  ...more,
});
const off = { at: '2026-11-27T13:00:00Z', by: 'headroom', why: 'it did not help' };
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('a remedy', () => {
  it('acts, is rehearsed, or is off', () => {
    expect([action(), action({ dry_run: false }), action({ disabled: off })].map(standingOf)).toEqual([
      'rehearsed',
      'acts',
      'off',
    ]);
  });
  it('has rules in words', () => {
    const rules = new Map(rulesOf(action()).map(([name, words]) => [name, plain(words)]));
    expect(rules.get('For')).toBe('alerts with service="order" and severity="critical"');
    expect(rules.get('When')).toBe(
      'the alert is open, for the budget burns, and the new version is worse than the old one that serves beside it',
    );
    expect(rules.get('Sends')).toMatch(/^nothing: it is rehearsed/);
    expect(rules.get('Pause')).toBe('30 min after each run, for the same service');
    expect(rules.get('At most')).toBe('2 runs an hour, of all services; in the last hour there were none');
    expect(new Map(rulesOf(action({ matchers: [] }))).get('For')).toBe('every alert of an objective');
  });
  it('tells of signals what its reason leaves out', () => {
    expect(signalWords(decision())).toEqual([]);
    const refused = decision({ why: 'it needs burn and canary, and there is no canary', signals: { burn: 'burning' } });
    expect(signalWords(refused)).toEqual(['burn: burning']);
  });
});

describe('all remedies', () => {
  it('are counted by what they do, with the last decision', () => {
    expect(actionsSentence([], NOW)).toBe('No remedy is configured: people alone act on alerts.');
    expect(actionsSentence([action()], NOW)).toBe('1 remedy: 1 is rehearsed; none was needed yet.');
    const told = [
      action({ decisions: [decision()] }),
      action({ name: 'flag', dry_run: false, disabled: off }),
      action({ name: 'scale', dry_run: false, decisions: [decision({ at: '2026-11-27T13:00:00Z' })] }),
    ];
    expect(plain(actionsSentence(told, NOW))).toBe(
      '3 remedies: 1 acts, 1 is rehearsed, 1 is off; the last decision, 10 min ago: rollback for order, rehearsed.',
    );
  });
});
