import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useRange } from '../lib/use-range';
import { get, type Params } from './client';

/** How often a page whose range ends at "now" asks again, in ms. */
const LIVE_MS = 30_000;

interface Options {
  enabled?: boolean;
  live?: boolean;
}

/** One read of the API; what was shown stays until the next answer is there. */
export function useApi<T>(path: string, params: Params = {}, options: Options = {}): UseQueryResult<T> {
  return useQuery<T>({
    queryKey: [path, params],
    queryFn: ({ signal }) => get<T>(path, params, signal),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
    refetchInterval: options.live === true ? LIVE_MS : false,
  });
}

/** A read within the page's time range. */
export function useRangedApi<T>(path: string, params: Params = {}, options: Options = {}): UseQueryResult<T> {
  const { from, to } = useRange();
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return useApi<T>(path, { ...params, ...range }, options);
}
