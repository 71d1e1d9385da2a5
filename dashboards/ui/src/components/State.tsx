import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import type { UseQueryResult } from '@tanstack/react-query';
import { AskedContext, type Asked } from '../lib/asked';
import { asSentence, formatClock, plural } from '../lib/format';

/** A box of the size the content will have, so that nothing jumps. */
export function Skeleton({ height }: { height: number }): ReactNode {
  return <div className="skeleton" style={{ height }} role="status" aria-label="Loading" />;
}

export function Empty({ children }: { children: ReactNode }): ReactNode {
  return <p className="empty">{children}</p>;
}

export function Note({ tone = '', children }: { tone?: '' | 'red' | 'amber'; children: ReactNode }): ReactNode {
  return (
    <div className={`note-line ${tone}`} role={tone === 'red' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** Reasons that are shown at once; of many days or symbols there may be hundreds. */
const FIRST = 4;
const inLine = (reasons: readonly string[]): ReactNode => reasons.map((reason) => <span key={reason}>{reason} </span>);

/** Why figures are not known, each reason once, and what is known all the same. */
export function Reasons({ reasons, children }: { reasons: readonly string[]; children?: ReactNode }): ReactNode {
  const told = [...new Set(reasons.map(asSentence))];
  const more = told.slice(FIRST);
  return (
    told.length > 0 && (
      <Note tone="amber">
        Not every figure is known. {inLine(told.slice(0, FIRST))}
        {children}
        {more.length > 0 && (
          <details>
            <summary>{plural(more.length, 'more reason')}</summary>
            {inLine(more)}
          </details>
        )}
      </Note>
    )
  );
}

const hintOf = (error: unknown): string =>
  error instanceof ApiError && error.hint !== '' ? error.hint : 'Try again, or choose a shorter range';

/** What failed, what to try. */
export function Failed({ error, retry }: { error: Error; retry?: () => void }): ReactNode {
  const denied = error instanceof ApiError && error.status === 403;
  return (
    <Note tone={denied ? '' : 'red'}>
      {asSentence(error.message)}{' '}
      {denied ? 'Your role does not open this; ask an administrator if it should.' : asSentence(hintOf(error))}{' '}
      {retry !== undefined && !denied && (
        <button className="plain" onClick={retry}>
          Try again
        </button>
      )}
    </Note>
  );
}

interface Props<T> {
  query: UseQueryResult<T> | (UseQueryResult<T> & { asked: Asked });
  height: number;
  children: (data: T) => ReactNode;
}

/** Loading keeps the layout, a failure keeps what was there and says since when. */
export function Answer<T>({ query, height, children }: Props<T>): ReactNode {
  const { data, error, dataUpdatedAt } = query;
  const retry = (): void => void query.refetch();
  if (data === undefined) {
    return error === null ? <Skeleton height={height} /> : <Failed error={error} retry={retry} />;
  }
  return (
    <AskedContext.Provider value={'asked' in query ? query.asked : null}>
      {error !== null && (
        <Note tone="amber">
          This is from {formatClock(dataUpdatedAt)}; the last refresh failed: {asSentence(error.message)}{' '}
          <button className="plain" onClick={retry}>
            Try again
          </button>
        </Note>
      )}
      {children(data)}
    </AskedContext.Provider>
  );
}
