import type { ReactNode } from 'react';
import type { Attributes as Bag, Json } from '../api/types';

export const jsonText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Keys and values as they came, in order of the key. */
export function Attributes({ of }: { of: Bag }): ReactNode {
  const entries = Object.entries(of).sort(([a], [b]) => a.localeCompare(b));
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
