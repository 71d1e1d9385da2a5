import { describe, expect, it } from 'vitest';
import type { Difference, DifferencesBody } from '../api/service';
import { countWords, differencesSentence, valueWords } from './differences';

const difference: Difference = {
  scope: 'column',
  key: 'version',
  value: '2.31',
  withheld: false,
  inside: 91,
  inside_of: 100,
  inside_share: 0.91,
  outside: 120,
  outside_of: 1_000,
  outside_share: 0.12,
  difference: 0.79,
  difference_low: 0.7,
  difference_high: 0.85,
  p_value: 1e-9,
};
const sample = { spans: 0, of: 0, time: 1 };
const body: DifferencesBody = {
  inside: { range: { from: '', to: '' }, spans: 100, sample },
  outside: { range: { from: '', to: '' }, spans: 1_000, sample },
  low_ns: null,
  high_ns: null,
  differences: [difference],
  tried: 9,
  identifiers: [],
  unavailable: null,
};

describe('what sets requests apart', () => {
  it('is a sentence about the largest difference', () => {
    expect(differencesSentence(body).replaceAll('\u00a0', ' ')).toBe(
      '100 requests are selected: 91.0 % of them have version 2.31, of the others 12.0 %.',
    );
    expect(differencesSentence({ ...body, differences: [] })).toMatch(/nothing sets them apart beyond chance/);
    expect(differencesSentence({ ...body, unavailable: 'no spans are selected' })).toBe('no spans are selected.');
  });
  it('says on how many requests it rests', () =>
    expect(countWords(difference)).toBe('91 of 100 selected, 120 of 1,000 others'));
  it('never tells what is withheld', () => {
    expect(valueWords({ value: null, withheld: true })).toBe('one that your role is not told');
    expect([null, '', 'x'].map((value) => valueWords({ value, withheld: false }))).toEqual(['missing', 'empty', 'x']);
  });
});
