import { useContext, type ReactNode } from 'react';
import { formatClock } from '../lib/format';
import { LiveContext } from '../lib/use-live';
import { Note } from './State';

/** Says since when nothing new is heard; nothing while all is well. */
export function Stale(): ReactNode {
  const { goneSince, again } = useContext(LiveContext);
  if (goneSince === null) return null;
  return (
    <Note tone="amber">
      Stale since {formatClock(goneSince)}: the server does not say what changes. It is asked again and again.{' '}
      <button className="plain" onClick={again}>
        Read everything now
      </button>
    </Note>
  );
}
