import { describe, expect, it } from 'vitest';
import type { Alert } from '../api/alerting';
import type { BudgetStep, BudgetTime } from '../api/slo';
import { effectWords, freezesOfAlerts, freezesOfSteps, policiesSentence } from './policies';

const time = (more: Partial<BudgetTime>): BudgetTime => ({
  id: 't-1',
  slo: 'orders',
  service: 'order',
  policy: 'standard',
  step: 'freeze',
  freezes: true,
  began: 'Orders: Only fixes are released (0 % of the budget is left)',
  begun_at: '2026-11-27T12:00:00Z',
  ended: null,
  ended_at: null,
  ...more,
});
const alert = (labels: Record<string, string>, state = 'firing'): Alert => ({
  id: 'ext-1',
  slo: '',
  service: 'order',
  severity: 'major',
  state,
  started_at: '2026-11-27T12:00:00Z',
  resolved_at: null,
  burn_short: null,
  burn_long: null,
  threshold: null,
  windows: '',
  summary: 'Orders: Only fixes are released (0 % of the budget is left)',
  acknowledged_by: null,
  causes: [],
  runbook: null,
  labels,
  context: null,
});
const step = (more: Partial<BudgetStep>): BudgetStep => ({
  step: 'owners',
  when: '25 % of the budget is left, or less',
  effect: 'tell',
  alert: 'The owners plan',
  ok: 'Enough is left',
  since: null,
  ...more,
});

describe('a freeze of releases', () => {
  const frozen = {
    service: 'order',
    slo: 'orders',
    policy: 'standard',
    since: '2026-11-27T12:00:00Z',
    says: 'Orders: Only fixes are released (0 % of the budget is left)',
  };
  it('is a step of an objective that has not ended', () => {
    const over = time({ id: 't-0', ended: 'Orders: Releases go on', ended_at: '2026-11-27T13:00:00Z' });
    expect(freezesOfSteps([time({}), over, time({ id: 't-2', freezes: false })])).toEqual([{ id: 't-1', ...frozen }]);
  });
  it('is an alert of a policy that fires', () => {
    const labels = {
      alertname: 'ErrorBudgetPolicy',
      effect: 'freeze',
      policy: 'standard',
      service: 'order',
      slo: 'orders',
    };
    const all = [alert(labels), alert({ ...labels, effect: 'tell' }), alert(labels, 'resolved'), alert({})];
    expect(freezesOfAlerts(all, 'order')).toEqual([{ id: 'ext-1', ...frozen }]);
    expect(freezesOfAlerts(all, null)).toHaveLength(1);
    expect(freezesOfAlerts(all, 'wallet')).toEqual([]);
  });
});

describe('policies', () => {
  it('say what follows, and what holds', () => {
    expect([step({}), step({ effect: 'freeze' })].map(effectWords)).toEqual([
      'people are told as the routes of alerts say',
      'releases of the service are frozen but for fixes, and people are told as the routes of alerts say',
    ]);
    expect(policiesSentence([{ policy: 'standard', steps: [step({})] }])).toBe('1 step is agreed; none holds now.');
    const held = step({ step: 'freeze', since: new Date(2026, 10, 27, 12).toISOString() });
    expect(policiesSentence([{ policy: 'standard', steps: [step({}), held] }])).toBe(
      '2 steps are agreed; now holds freeze, since 27 Nov 12:00.',
    );
  });
});
