import { describe, expect, it } from 'vitest';
import type { Alert } from '../api/alerting';
import { alertsSentence, byUrgency, causeWords, hitWords, isWeb, traceOf } from './alerts';

const alert = (id: string, severity: string, by: string | null = null, state = 'firing'): Alert => ({
  id,
  slo: 's',
  service: 's',
  severity,
  state,
  started_at: '2026-11-20T12:00:00Z',
  resolved_at: null,
  burn_short: 20,
  burn_long: 15,
  threshold: 14.4,
  windows: '1h & 5m',
  summary: `${id} burns.`,
  acknowledged_by: by,
  causes: [],
  runbook: null,
  labels: {},
  context: null,
});

describe('alerts', () => {
  it('speak by the worst, and of equals by the one nobody took', () => {
    const all = [alert('a', 'warning'), alert('b', 'critical', 'ann'), alert('c', 'critical'), alert('d', 'major')];
    expect(byUrgency([...all, alert('e', 'critical', null, 'resolved')]).map(({ id }) => id)).toEqual([
      'c',
      'b',
      'd',
      'a',
    ]);
    expect(alertsSentence(all)).toBe('4 alerts fire, 3 not yet taken by anyone: c burns.');
    expect(alertsSentence([alert('a', 'major', 'ann')])).toBe('1 alert fires, all taken: a burns.');
    expect(alertsSentence([alert('a', 'major', null, 'resolved')])).toBe('No alert fires.');
  });
  it('say why they are as bad as they are', () => {
    expect(causeWords({ causes: ['customers', 'value'], threshold: 14.4 })).toBe(
      'because many customers are hit, much money is at stake',
    );
    expect(causeWords({ causes: [], threshold: 14.4 })).toBe('by the rule that it began with');
    expect(causeWords({ causes: [], threshold: null })).toBe('as it was reported');
  });
});

it('who is hit is a count, with its share where the whole is known', () => {
  expect(hitWords({ hit: 300, of: 1_200 })).toBe('300 of 1,200 (25.0\u00a0%)');
  expect(hitWords({ hit: 3, of: null })).toBe('3');
});

it('links lead to a trace, or out to the web, or nowhere', () => {
  const id = 'ab'.repeat(16);
  expect([traceOf(`https://h/traces/${id}`), traceOf('https://h/slos/x')]).toEqual([id, null]);
  expect([isWeb('https://h/runbook'), isWeb('javascript:alert(1)'), isWeb(null)]).toEqual([true, false, false]);
});
