import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBurn,
  formatCount,
  formatDuration,
  formatPercent,
  formatSeconds,
  NONE,
  plural,
} from './format';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('formatDuration', () => {
  it.each([
    [0, '0 ns'],
    [840, '840 ns'],
    [999, '999 ns'],
    [999.6, '1.00 µs'],
    [12_300, '12.3 µs'],
    [4_210_000, '4.21 ms'],
    [999_600_000, '1.00 s'],
    [1_200_000_000, '1.20 s'],
    [59_940_000_000, '59.9 s'],
    [59_960_000_000, '1 min'],
    [125_000_000_000, '2 min 5 s'],
    [11_400_000_000_000, '3 h 10 min'],
  ])('%d ns is %s', (ns, text) => expect(plain(formatDuration(ns))).toBe(text));

  it('says nothing for nothing, and keeps the sign', () => {
    expect(formatDuration(null)).toBe(NONE);
    expect(formatDuration(NaN)).toBe(NONE);
    expect(plain(formatDuration(-5_000))).toBe('\u22125.00 µs');
  });
});

describe('formatSeconds', () => {
  it.each([
    [0, '0 s'],
    [60, '1 min'],
    [3_601, '1 h'],
    [90_000, '1 d 1 h'],
    [86_400 * 3.4, '3 d 9 h'],
  ])('%d s is %s', (seconds, text) => expect(plain(formatSeconds(seconds))).toBe(text));
});

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [12_345, '12.3 k'],
    [999_960, '1.00 M'],
    [4_560_000, '4.56 M'],
    [0.57, '0.57'],
    [12.94, '12.9'],
  ])('%d is %s', (value, text) => expect(plain(formatCount(value))).toBe(text));
});

describe('formatPercent', () => {
  it.each([
    [0, '0 %'],
    [0.0213, '2.13 %'],
    [0.5, '50.0 %'],
    [-0.183, '\u221218.3 %'],
    [0.99995, '99.995 %'],
    [0.000_04, '0.004 %'],
    [0.000_000_1, '<0.001 %'],
    [1, '100.0 %'],
    [-1.14494, '\u2212114.5 %'],
    [2, '200.0 %'],
  ])('%d is %s', (ratio, text) => expect(plain(formatPercent(ratio))).toBe(text));
  it('knows no share of nothing', () => expect(formatPercent(null)).toBe(NONE));
});

describe('small words', () => {
  it('burn', () => expect([formatBurn(6.04), formatBurn(17.44), formatBurn(null)]).toEqual(['6.04x', '17.4x', NONE]));
  it('ago', () => {
    const now = Date.parse('2026-11-20T12:00:00Z');
    expect(plain(formatAgo('2026-11-20T11:56:55Z', now))).toBe('3 min 5 s ago');
    expect(plain(formatAgo('2026-11-20T11:32:40Z', now))).toBe('27 min ago');
    expect(plain(formatAgo('2026-11-20T14:00:00Z', now))).toBe('in 2 h');
  });
  it('plural', () =>
    expect([plural(1, 'span'), plural(0, 'span'), plural(1_200, 'span')]).toEqual([
      '1 span',
      '0 spans',
      '1,200 spans',
    ]));
});
