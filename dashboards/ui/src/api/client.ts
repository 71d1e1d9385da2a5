import type { ErrorBody } from './types';

/** A refusal of the server or of the network, in words for the reader. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** A list is asked for value by value. */
export type Params = Record<string, string | number | readonly string[] | null | undefined>;

/** `path` with the parameters that have a value. */
export function address(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'object') value.forEach((one) => search.append(key, one));
    else search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false;
  const inner = value.error;
  return typeof inner === 'object' && inner !== null && 'message' in inner && typeof inner.message === 'string';
}

async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  if (isErrorBody(body)) {
    return new ApiError(response.status, body.error.code, body.error.message, body.error.hint ?? '');
  }
  return new ApiError(
    response.status,
    'unreadable',
    `The server answered ${response.status} without a reason`,
    'Try again; if it stays, look at the ingest page and the server log',
  );
}

async function send<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-headroom'] = '1';
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'unreachable', 'The server cannot be reached', 'Check the connection, then try again');
  }
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const get = <T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> =>
  send<T>('GET', address(path, params), undefined, signal);
export const post = <T>(path: string, body?: unknown, params?: Params, signal?: AbortSignal): Promise<T> =>
  send<T>('POST', address(path, params), body ?? {}, signal);
export const remove = (path: string): Promise<void> => send<undefined>('DELETE', path);
