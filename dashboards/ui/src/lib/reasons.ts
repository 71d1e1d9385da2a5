import type { Json } from '../api/types';

/** A reason as one line, whether it came as text, as a list, or as an object. */
export function reasonText(value: Json | undefined): string {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean') return '';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(reasonText).filter((text) => text !== '').join('; ');
  const { reason, ...rest } = value;
  const what = Object.values(rest).map(reasonText).filter((text) => text !== '').join(' ');
  const why = reasonText(reason);
  return why === '' ? Object.entries(rest).map(([key, inner]) => `${key.replaceAll('_', ' ')}: ${reasonText(inner)}`).join('; ') : what === '' ? why : `${what}: ${why}`;
}
