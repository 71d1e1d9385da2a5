import { describe, expect, it } from 'vitest';
import { dayAfter, dayOf, monthsBefore, periodOf } from './period';

const NOW = Date.parse('2026-11-26T18:00:00Z');
const of = (text: string, asOf: string | null = null) => periodOf(new URLSearchParams(text), NOW, asOf, 'all');

describe('a day', () => {
  it('is read from a day or a moment', () => {
    expect(['2026-10-03', '2026-10-03T23:30:00Z', '2026-10-03T23:30:00-02:00'].map(dayOf)).toEqual([
      '2026-10-03',
      '2026-10-03',
      '2026-10-04',
    ]);
    expect([null, '', 'now-1h', '1790000000000', '2026-13-40'].map(dayOf)).toEqual([null, null, null, null, null]);
  });
  it('months before is in that month', () => {
    expect(monthsBefore('2026-11-26', 3)).toBe('2026-08-26');
    expect(monthsBefore('2026-03-31', 1)).toBe('2026-02-28');
    expect(monthsBefore('2028-02-29', 12)).toBe('2027-02-28');
    expect(monthsBefore('2026-01-15', 3)).toBe('2025-10-15');
    expect(dayAfter('2026-12-31')).toBe('2027-01-01');
  });
});

describe('a period', () => {
  it('is a preset up to now', () => {
    expect(of('')).toEqual({ preset: 'all', from: null, to: null });
    expect(of('period=1m')).toEqual({ preset: '1m', from: '2026-10-26', to: null });
    expect(of('period=ytd')).toEqual({ preset: 'ytd', from: '2025-12-31', to: null });
    expect(of('period=never').preset).toBe('all');
  });
  it('ends with the moment that is looked at', () =>
    expect(of('period=1y', '2026-03-01T12:00:00Z')).toEqual({ preset: '1y', from: '2025-03-01', to: '2026-03-01' }));
  it('is two days before it is a preset', () => {
    expect(of('period=1m&from=2026-01-01&to=2026-06-30')).toEqual({
      preset: null,
      from: '2026-01-01',
      to: '2026-06-30',
    });
    expect(of('from=2026-01-01')).toEqual({ preset: null, from: '2026-01-01', to: null });
    expect(of('to=2026-01-01')).toEqual({ preset: null, from: null, to: '2026-01-01' });
  });
  it('is told by the API where its days are the wrong way round', () =>
    expect([of('from=2026-06-30&to=2026-01-01'), of('from=2026-06-30&to=2026-06-30')]).toEqual([
      { preset: null, from: '2026-06-30', to: '2026-01-01' },
      { preset: null, from: '2026-06-30', to: '2026-06-30' },
    ]));
  it('is not the range of minutes that other pages look at', () => {
    for (const range of ['from=now-6h&to=now', 'from=2026-11-20T10:00:00Z&to=2026-11-20T11:00:00Z'])
      expect(of(`${range}&period=3m`)).toEqual({ preset: '3m', from: '2026-08-26', to: null });
  });
});
