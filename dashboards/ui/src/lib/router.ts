import { useCallback, useSyncExternalStore } from 'react';

/** A small router: the address is the only state. */
const listeners = new Set<() => void>();
const tell = (): void => listeners.forEach((listener) => listener());
if (typeof window !== 'undefined') window.addEventListener('popstate', tell);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const current = (): string => window.location.pathname + window.location.search;

export function navigate(to: string, replace = false): void {
  if (to === current()) return;
  const leaving = to.split('?')[0] !== window.location.pathname;
  if (replace) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  if (leaving && !replace) window.scrollTo(0, 0);
  tell();
}

export interface Place {
  path: string;
  search: URLSearchParams;
}

export function useLocation(): Place {
  const url = useSyncExternalStore(subscribe, current);
  const at = url.indexOf('?');
  return { path: at === -1 ? url : url.slice(0, at), search: new URLSearchParams(at === -1 ? '' : url.slice(at + 1)) };
}

export type Changes = Record<string, string | readonly string[] | null>;

/** The address with some parameters changed; null or "" removes one, a list is there value by value. */
export function withParams(path: string, search: URLSearchParams, changes: Changes): string {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    if (typeof value === 'string' && value !== '') next.set(key, value);
    else {
      next.delete(key);
      if (typeof value === 'object') value?.forEach((one) => next.append(key, one));
    }
  }
  const text = next.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Reads the address's parameters and changes them in place. */
export function useParams(): [URLSearchParams, (changes: Changes, replace?: boolean) => void] {
  const { search } = useLocation();
  const set = useCallback((changes: Changes, replace = false) => {
    navigate(withParams(window.location.pathname, new URLSearchParams(window.location.search), changes), replace);
  }, []);
  return [search, set];
}

/** "/services/:name" against "/services/order" -> {name: "order"}; null when it differs. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/');
  const have = path.replace(/\/$/, '').split('/');
  if (want.length !== have.length) return null;
  const found: Record<string, string> = {};
  for (const [i, part] of want.entries()) {
    const value = have[i] ?? '';
    if (part.startsWith(':')) {
      try {
        found[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return found;
}

/** A link to `path` that keeps the range the reader looks at. */
export function keepRange(path: string, search: URLSearchParams, more: Changes = {}): string {
  const range = { from: search.get('from'), to: search.get('to') };
  const [bare = path, own = ''] = path.split('?');
  return withParams(bare, new URLSearchParams(own), { ...range, ...more });
}
