import { describe, expect, test } from 'vitest';
import { axisOf, markedBy } from './overview';

const hour = 3_600_000;
const now = Date.parse('2026-11-20T12:00:00Z');
const at = (hours: number): string => new Date(now + hours * hour).toISOString();
const demand = (last: number) => ({
  service: 'gateway',
  unavailable: null,
  events: [{ name: 'US open', venue: 'XNYS', start: at(2), end: at(3) }] as never[],
  series: [0, last].map((hours) => ({ ts: at(hours), actual: null, q50: 1, q90: 2 })),
});

describe('one axis', () => {
  test('goes on with the forecast for half as long as the range', () => {
    const range = { from: now - 6 * hour, to: now };
    expect(axisOf({ demand: demand(24) }, range)).toEqual({ from: range.from, to: now + 3 * hour });
    expect(axisOf({ demand: demand(1) }, range).to).toBe(now + hour);
    expect(axisOf({ demand: demand(-2) }, range).to).toBe(now);
    expect(axisOf({ demand: { ...demand(1), series: [] } }, range)).toEqual(range);
  });

  test('has alerts and market events, an alert that fires until now', () => {
    const fired = { id: 'a', severity: 'critical', summary: 'orders fail', started_at: at(-1), resolved_at: null };
    const marks = markedBy({ fired: [fired, { ...fired, resolved_at: at(-0.5) }], demand: demand(24) }, now);
    expect(marks.map(({ kind, label }) => [kind, label])).toEqual([
      ['incident', 'critical: orders fail'],
      ['incident', 'critical: orders fail'],
      ['event', 'US open (XNYS)'],
    ]);
    expect(marks.map(({ end }) => end)).toEqual([now, now - hour / 2, now + 3 * hour]);
  });
});
