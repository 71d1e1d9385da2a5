import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Asked } from '../lib/asked';
import { useRange } from '../lib/use-range';
import { get, post, type Params } from './client';

/** Laws of capacity are fitted to days: a live range moves on by the five minutes that a peak is the mean of. */
export const STEADY_MS = 300_000;

interface Options {
  enabled?: boolean;
  /** Read again when a minute is closed, besides when the server says that it changed. */
  live?: boolean;
}

/** An answer, and what was asked for it. */
export type Reading<T> = UseQueryResult<T> & { asked: Asked };

/** One read of the API: what it is known as, and how it is made. */
export const questionOf = <T>(path: string, params: Params) => ({
  queryKey: [path, params],
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<T> => get<T>(path, params, signal),
});

/** One read of the API; what was shown stays until the next answer is there. Nothing is asked for again by the clock. */
export function useApi<T>(path: string, params: Params = {}, options: Options = {}): Reading<T> {
  const query = useQuery<T>({
    ...questionOf<T>(path, params),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
    meta: { live: options.live === true },
  });
  return { ...query, asked: { method: 'GET', path, params } };
}

interface RangedOptions extends Omit<Options, 'live'> {
  /** A live range moves on by whole steps of so many ms: for answers that are dear and change slowly. */
  steady?: number;
}

/** The page's range as the API takes it. */
export function useRangeParams(steady = 1): { from: string; to: string } {
  const { from, to, live } = useRange();
  const late = live ? to % steady : 0;
  return { from: new Date(from - late).toISOString(), to: new Date(to - late).toISOString() };
}

/** A read within the page's time range: a live one is asked for anew when it moves on. */
export function useRangedApi<T>(path: string, params: Params = {}, options: RangedOptions = {}): Reading<T> {
  return useApi<T>(path, { ...params, ...useRangeParams(options.steady) }, options);
}

/** A question within the page's time range that is too long for an address; asked as soon as it changes. */
export function useRangedAsk<T>(path: string, body: unknown, options: RangedOptions = {}): Reading<T> {
  const range = useRangeParams(options.steady);
  const query = useQuery<T>({
    queryKey: [path, range, body],
    queryFn: ({ signal }) => post<T>(path, body, range, signal),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  });
  return { ...query, asked: { method: 'POST', path, params: range, body } };
}
