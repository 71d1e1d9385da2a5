/**
 * Decimal strings for display. Money and quantities arrive as text and stay
 * text: they are split, grouped and rounded as digits, never as floats.
 */
export interface Decimal {
  negative: boolean;
  whole: string;
  fraction: string;
}

const SHAPE = /^([+-]?)(\d+)(?:\.(\d*))?$/;
const MINUS = '\u2212';
const FIGURE_SPACE = '\u2007';
const PUNCTUATION_SPACE = '\u2008';

/** Reads a plain decimal; null for anything else (exponents included). */
export function parseDecimal(text: string): Decimal | null {
  const match = SHAPE.exec(text.trim());
  if (match === null) return null;
  const whole = (match[2] ?? '0').replace(/^0+(?=\d)/, '');
  const fraction = match[3] ?? '';
  const zero = /^0*$/.test(whole + fraction);
  return { negative: match[1] === '-' && !zero, whole, fraction };
}

/** Rounds half away from zero to `places` digits, on the digits themselves. */
export function roundDecimal(value: Decimal, places: number): Decimal {
  if (value.fraction.length <= places) return value;
  const kept = BigInt(value.whole + value.fraction.slice(0, places));
  const up = (value.fraction[places] ?? '0') >= '5' ? 1n : 0n;
  const digits = (kept + up).toString().padStart(places + 1, '0');
  const cut = digits.length - places;
  const rounded = { whole: digits.slice(0, cut), fraction: digits.slice(cut) };
  return { negative: value.negative && /[1-9]/.test(digits), ...rounded };
}

const group = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, ',');
const trim = (fraction: string, least: number): string => {
  let end = fraction.length;
  while (end > least && fraction[end - 1] === '0') end -= 1;
  return fraction.slice(0, end).padEnd(least, '0');
};

export interface DecimalFormat {
  least?: number;
  most?: number;
  signed?: boolean;
}

/** "1234.5" -> "1,234.50"; unreadable text is returned as it came. */
export function formatDecimal(text: string, { least = 2, most = 6, signed = false }: DecimalFormat = {}): string {
  const parsed = parseDecimal(text);
  if (parsed === null) return text;
  const value = roundDecimal(parsed, most);
  const fraction = trim(value.fraction, least);
  const zero = /^0*$/.test(value.whole + value.fraction);
  const sign = value.negative ? MINUS : signed && !zero ? '+' : '';
  return sign + group(value.whole) + (fraction === '' ? '' : `.${fraction}`);
}

/** A column of decimals padded so that the points stand under each other. */
export function alignDecimals(column: readonly (string | null)[], format: DecimalFormat = {}): (string | null)[] {
  const texts = column.map((text) => (text === null ? null : formatDecimal(text, format)));
  const tail = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') - 1 : 0);
  const widest = Math.max(0, ...texts.map((text) => (text === null ? 0 : tail(text))));
  return texts.map((text) => {
    if (text === null || widest === 0) return text;
    const point = text.includes('.') ? '' : PUNCTUATION_SPACE;
    return text + point + FIGURE_SPACE.repeat(widest - tail(text));
  });
}

/** -1, 0 or 1. */
export function signOf(text: string): -1 | 0 | 1 {
  const parsed = parseDecimal(text);
  if (parsed === null || /^0*$/.test(parsed.whole + parsed.fraction)) return 0;
  return parsed.negative ? -1 : 1;
}

/** The direction of money in a word, so that it never rests on colour alone. */
export const directionOf = (text: string): string => ({ '-1': 'loss', '0': 'even', '1': 'gain' })[`${signOf(text)}`];
