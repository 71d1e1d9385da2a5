import { describe, expect, it } from 'vitest';
import type { ServiceDelivery } from '../api/delivery';
import { delivered, deliveredSentence, deliverySentence, MEASURES, outcomeOf, reasonOf } from './measures';

const row = (more: Partial<ServiceDelivery> = {}): ServiceDelivery => ({
  service: 'order',
  deployments: 5,
  told: 5,
  per_week: 0.3889,
  pace: 'yearly',
  failed: 2,
  change_fail_rate: 0.5,
  change_fail_band: '46-60%',
  recovery_seconds: 2_340,
  recovery_band: 'one_day',
  unplanned: 2,
  rework_rate: 0.4,
  lead_time_seconds: 21_600,
  lead_time_band: 'one_day',
  changes: 3,
  unknown: {},
  ...more,
});
const idle = (service: string): ServiceDelivery =>
  row({ service, deployments: 0, per_week: 0, failed: 0, change_fail_rate: null, recovery_seconds: null });
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const told = (of: ServiceDelivery): string[] =>
  MEASURES.map(({ value, words, note, why }) => {
    const known = value(of);
    return plain(known === null ? `not known: ${why(of) ?? ''}` : `${words(known)} (${note(of)})`);
  });

describe('the measures of a service', () => {
  it('are five, with what they are of and their bands', () => {
    expect(told(row())).toEqual([
      '0.39 a week (5 deployments; less than monthly)',
      '6 h (median of 3 changes; within a day)',
      '50.0 % (2 failed; 46 % or more)',
      '39 min (within a day)',
      '40.0 % (2 of 5 unplanned)',
    ]);
  });
  it('say why one is not known', () => {
    const unknown = { lead_time_seconds: 'telemetry does not carry it', recovery_seconds: 'no deployment failed' };
    const of = row({ lead_time_seconds: null, recovery_seconds: null, unknown });
    expect([1, 3].map((at) => told(of)[at])).toEqual([
      'not known: telemetry does not carry it',
      'not known: no deployment failed',
    ]);
    expect(MEASURES[0]?.why(row({ pace: null, unknown: { pace: 'less than a week' } }))).toBe('less than a week');
  });
});

describe('sentences of delivery', () => {
  it('name what fails most', () => {
    expect(deliverySentence([idle('auth')])).toBe('Nothing was deployed in this range, as far as it is known here.');
    const calm = row({ service: 'kyc', deployments: 1, failed: 0, change_fail_rate: 0 });
    expect(deliverySentence([idle('auth'), calm])).toBe('1 deployment of 1 service; none failed.');
    expect(plain(deliverySentence([idle('auth'), calm, row()]))).toBe(
      '6 deployments of 2 services; 2 failed. order fails most, 50.0 % of what was new.',
    );
    expect(delivered([calm, idle('auth'), row()])).toEqual({ some: [row(), calm], none: ['auth'] });
  });
  it('tell of one service', () => {
    expect(deliveredSentence(undefined, 'x')).toMatch(/^x said no version/);
    expect(deliveredSentence(idle('auth'), 'auth')).toMatch(/^auth was not deployed/);
    expect(plain(deliveredSentence(row(), 'order'))).toBe(
      'order was deployed 5 times, 0.39 a week; 2 failed, and 39 min went by in the median until the next ended it.',
    );
  });
});

describe('a deployment', () => {
  it('tells what became of it, and why, as far as it was told', () => {
    expect(
      (['failed', 'rolled_back', 'finished', 'started', null] as const).map((state) => outcomeOf({ told: state })[1]),
    ).toEqual(['failed', 'rolled back to', 'finished', 'started', 'seen only']);
    expect([
      reasonOf({ told: 'finished', reason: 'fix' }),
      reasonOf({ told: 'finished', reason: 'incident' }),
      reasonOf({ told: 'finished', reason: null }),
      reasonOf({ told: 'rolled_back', reason: null }),
      reasonOf({ told: null, reason: null }),
    ]).toEqual(['a fix', 'for an incident', 'planned', null, null]);
  });
});
