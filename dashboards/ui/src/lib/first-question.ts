import type { Params } from '../api/client';
import { DEFAULT_RANGE, momentOf, resolveRange } from './range';

/**
 * What the page at an address asks first, where people mostly come from outside: it is asked while the program itself
 * still starts. Null for other pages, and where the address has nothing to ask for.
 */
export function firstQuestion(
  path: string,
  search: URLSearchParams,
  now: number,
): { path: string; params: Params } | null {
  if (path === '/lookup') {
    const q = search.get('q') ?? '';
    return q === '' ? null : { path: '/api/v1/lookup', params: { q } };
  }
  if (path !== '/overview') return null;
  const asked = { from: search.get('from') ?? DEFAULT_RANGE.from, to: search.get('to') ?? DEFAULT_RANGE.to };
  const span = resolveRange(asked, momentOf(now));
  if (span === null) return null;
  const at = (time: number): string => new Date(time).toISOString();
  return { path: '/api/v1/overview', params: { from: at(span.from), to: at(span.to) } };
}
