import type { SloRow } from '../api/types';

type Known = Pick<SloRow, 'unavailable' | 'budget_remaining' | 'burn'>;

/** The state of an objective in a word, from its budget and the burn over the last hour. */
export function sloState({ unavailable, budget_remaining: left, burn }: Known): string {
  if (unavailable !== null || left === null) return 'not measured';
  if (left <= 0) return 'exhausted';
  if ((burn['1h'] ?? 0) > 1) return 'burning';
  return left < 0.25 ? 'at_risk' : 'ok';
}

const UNITS: Record<string, number> = {
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  Q: 7_776_000,
  Y: 31_536_000,
};

/** "30d" in seconds; null for a window that is not a plain length. */
export function windowSeconds(text: string): number | null {
  const match = /^(\d+)([mhdwMQY])$/.exec(text);
  return match === null ? null : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0);
}

/** The objective's name before its sentence, which speaks of "the budget" only. */
export const sloSentence = ({ display_name: name, sentence }: Pick<SloRow, 'display_name' | 'sentence'>): string =>
  `${name}: ${sentence}`;
