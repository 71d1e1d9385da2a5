import type { ReactNode } from 'react';
import type { Attributes as Bag, Json } from '../api/types';

export const jsonText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Keys and values in order of the key. */
export const inOrder = (of: Bag): [string, Json][] => Object.entries(of).sort(([a], [b]) => a.localeCompare(b));

/** Keys and values as they came, in order of the key. */
export function Attributes({ of }: { of: Bag }): ReactNode {
  const entries = inOrder(of);
  if (entries.length === 0) return <p className="quiet small">none</p>;
  return (
    <dl className="pairs">
      {entries.map(([key, value]) => [
        <dt key={key}>{key}</dt>,
        <dd key={`${key}=`} className="mono">
          {jsonText(value)}
        </dd>,
      ])}
    </dl>
  );
}
