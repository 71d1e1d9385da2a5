import { describe, expect, it } from 'vitest';
import { isLive, parseTime, presetOf, resolveRange, stepFor } from './range';

const NOW = Date.parse('2026-11-20T12:00:00Z');

describe('parseTime', () => {
  it.each([
    ['now', NOW],
    ['now-1h', NOW - 3_600_000],
    ['now+24h', NOW + 86_400_000],
    ['now-15m', NOW - 900_000],
    ['now-2w', NOW - 1_209_600_000],
    ['2026-11-20T10:00:00Z', NOW - 7_200_000],
    ['1795176000000', 1_795_176_000_000],
  ])('reads %s', (text, ms) => expect(parseTime(text, NOW)).toBe(ms));
  it.each(['', 'yesterday', 'now-', 'now-1x', 'now - 1h', '12', '2026-13-45T00:00:00Z', '11/20/2026'])(
    'refuses "%s"',
    (text) => expect(parseTime(text, NOW)).toBeNull(),
  );
});

describe('resolveRange', () => {
  it('gives both ends', () =>
    expect(resolveRange({ from: 'now-1h', to: 'now' }, NOW)).toEqual({ from: NOW - 3_600_000, to: NOW }));
  it.each([
    { from: 'now', to: 'now' },
    { from: 'now', to: 'now-1h' },
    { from: 'x', to: 'now' },
  ])('refuses an empty or reversed range %o', (range) => expect(resolveRange(range, NOW)).toBeNull());
});

describe('presets', () => {
  it('knows its own', () => expect(presetOf({ from: 'now-7d', to: 'now' })).toBe('7d'));
  it('does not take a look ahead for a preset', () => {
    expect(presetOf({ from: 'now-24h', to: 'now+24h' })).toBeNull();
    expect(isLive({ from: 'now-24h', to: 'now+24h' })).toBe(false);
  });
});

describe('stepFor', () => {
  it.each([
    [3_600, 60],
    [86_400, 600],
    [604_800, 3_600],
    [14 * 86_400, 7_200],
    [900, 60],
  ])('cuts %d s into steps of %d s', (seconds, step) =>
    expect(stepFor({ from: NOW - seconds * 1000, to: NOW }, 180)).toBe(step),
  );
});
