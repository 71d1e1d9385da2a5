import { describe, expect, it } from 'vitest';
import { alignDecimals, directionOf, formatDecimal, parseDecimal, roundDecimal, signOf } from './decimal';

describe('formatDecimal', () => {
  it.each([
    ['1234.5', '1,234.50'],
    ['-0.004', '\u22120.004'],
    ['0', '0.00'],
    ['-0.00', '0.00'],
    ['007.1', '7.10'],
    ['999999999999999999999999.123456', '999,999,999,999,999,999,999,999.123456'],
    ['1500000', '1,500,000.00'],
    ['181.204400000000', '181.2044'],
  ])('writes %s as %s', (text, shown) => expect(formatDecimal(text)).toBe(shown));

  it('rounds half away from zero on digits, carrying over', () => {
    expect(formatDecimal('9.995', { most: 2 })).toBe('10.00');
    expect(formatDecimal('-9.995', { most: 2 })).toBe('\u221210.00');
    expect(formatDecimal('0.1234567', { most: 6 })).toBe('0.123457');
    expect(formatDecimal('99999999999999999.99', { most: 1, least: 0 })).toBe('100,000,000,000,000,000');
  });

  it('does not show a sign on what rounds to nothing', () => {
    expect(formatDecimal('-0.001', { most: 2 })).toBe('0.00');
    expect(formatDecimal('0.001', { most: 2, signed: true })).toBe('0.00');
    expect(formatDecimal('5', { signed: true })).toBe('+5.00');
  });

  it('keeps digits a float would lose', () => {
    expect(formatDecimal('0.30000000000000004', { most: 17 })).toBe('0.30000000000000004');
    expect(formatDecimal('9007199254740993', { least: 0 })).toBe('9,007,199,254,740,993');
  });

  it('returns what it cannot read unchanged', () => {
    for (const text of ['', 'NaN', '1e5', '1.2.3', 'twelve']) expect(formatDecimal(text)).toBe(text);
  });
});

describe('alignDecimals', () => {
  it('gives every text of a column the same number of places after the point', () => {
    const column = alignDecimals(['37.5', '0.04381725', '120', null], { least: 0, most: 8 });
    expect(column[3]).toBeNull();
    const tails = column.filter((text) => text !== null).map((text) => text.length - text.search(/[.\u2008]/));
    expect(new Set(tails)).toEqual(new Set([9]));
  });

  it('leaves whole numbers alone', () => expect(alignDecimals(['1', '20'], { least: 0 })).toEqual(['1', '20']));
});

describe('sign and direction', () => {
  it.each([
    ['-1', -1, 'loss'],
    ['0.000', 0, 'even'],
    ['-0', 0, 'even'],
    ['3.2', 1, 'gain'],
  ])('%s', (text, sign, word) => {
    expect(signOf(text)).toBe(sign);
    expect(directionOf(text)).toBe(word);
  });
});

describe('roundDecimal', () => {
  it('keeps leading zeros of the fraction', () => {
    const parsed = parseDecimal('0.00449');
    expect(parsed).not.toBeNull();
    if (parsed !== null) expect(roundDecimal(parsed, 3)).toEqual({ negative: false, whole: '0', fraction: '004' });
  });
});
