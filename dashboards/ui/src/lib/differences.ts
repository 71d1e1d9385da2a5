import type { Difference, DifferencesBody } from '../api/service';
import { formatExact, formatPercent, plural } from './format';

const NAMES: Record<string, string> = { kind: 'kind of span', status: 'status' };

/** An attribute's value in words; what is withheld is said to be, and not which. */
export const valueWords = ({ value, withheld }: Pick<Difference, 'value' | 'withheld'>): string =>
  withheld ? 'one that your role is not told' : value === null ? 'missing' : value === '' ? 'empty' : value;

export const keyWords = ({ key }: Pick<Difference, 'key'>): string => NAMES[key] ?? key;

/** The largest difference in a sentence. */
export function differencesSentence({ inside, differences, unavailable }: DifferencesBody): string {
  if (unavailable !== null) return `${unavailable}.`;
  const selected = `${plural(inside.spans, 'request')} ${inside.spans === 1 ? 'is' : 'are'} selected`;
  const first = differences[0];
  if (first === undefined) return `${selected}; nothing sets them apart beyond chance.`;
  return `${selected}: ${formatPercent(first.inside_share)} of them have ${keyWords(first)} ${valueWords(first)}, of the others ${formatPercent(first.outside_share)}.`;
}

/** On what the shares of a row rest. */
export const countWords = ({ inside, inside_of, outside, outside_of }: Difference): string =>
  `${formatExact(inside)} of ${formatExact(inside_of)} selected, ${formatExact(outside)} of ${formatExact(outside_of)} others`;
