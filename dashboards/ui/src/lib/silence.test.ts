import { describe, expect, it } from 'vitest';
import { dayIn, matcherLines, matchersOf, weekly, windowWords } from './silence';

describe('a weekly window', () => {
  it.each([
    ['2026-11-27', '2026-11-28'],
    ['2026-11-28', '2026-11-28'],
    ['2026-11-29', '2026-11-29'],
    ['2026-11-30', '2026-12-05'],
  ])('seen on %s starts first on %s', (today, first) => {
    expect(weekly(['SU', 'SA'], '22:30', 'Europe/Vienna', 1.5, today)).toEqual({
      recurring: { start: `${first}T22:30:00`, zone: 'Europe/Vienna', rule: 'FREQ=WEEKLY;BYDAY=SA,SU', seconds: 5_400 },
    });
  });
  it('is told in words, and a rule of another kind as it stands', () => {
    expect(windowWords(weekly(['SA', 'SU'], '22:30', 'America/New_York', 2, '2026-11-27'))).toBe(
      'every Saturday, Sunday from 22:30 in America/New York, for 2\u00a0h',
    );
    const recurring = { start: '2026-12-01T06:00:00', zone: 'UTC', rule: 'FREQ=MONTHLY;BYDAY=1SU', seconds: 60 };
    expect(windowWords({ recurring })).toBe('by FREQ=MONTHLY;BYDAY=1SU from 06:00 in UTC, for 1\u00a0min');
    const odd = { ...recurring, rule: 'FREQ=WEEKLY;BYDAY=XX' };
    expect(windowWords({ recurring: odd })).toContain('by FREQ=WEEKLY;BYDAY=XX');
  });
});

it('today is another day elsewhere', () => {
  const evening = Date.parse('2026-11-27T23:30:00Z');
  expect([dayIn('UTC', evening), dayIn('Asia/Tokyo', evening)]).toEqual(['2026-11-27', '2026-11-28']);
});

describe('matchers', () => {
  it('are lines that say something', () => expect(matcherLines(' a="b"\n\n c=~"d|e" ')).toEqual(['a="b"', 'c=~"d|e"']));
  it('of an alert name its service and objective, of a foreign one all labels', () => {
    expect(matchersOf({ alertname: 'SloBurn', service: 'order', slo: 'orders' })).toBe('service="order"\nslo="orders"');
    expect(matchersOf({ alertname: 'Di"sk', node: 'a' })).toBe('alertname="Di\\"sk"\nnode="a"');
  });
});
