import { useQueryClient } from '@tanstack/react-query';
import { createContext, useEffect, useState } from 'react';

/** What is read again when alerts change. */
const TOLD = ['/api/v1/alerts', '/api/v1/overview', '/api/v1/slos', '/api/v1/silences'];

/** How many alerts fire, for the navigation. */
export const FiringContext = createContext<number | null>(null);

/**
 * How many alerts fire, null while that is not known. What is shown of alerts is read again as soon as one changes. Only a
 * tab that is looked at follows: a browser opens few connections to a host.
 */
export function useFiring(on: boolean): number | null {
  const client = useQueryClient();
  const [firing, setFiring] = useState<number | null>(null);
  useEffect(() => {
    if (!on) return;
    let source: EventSource | null = null;
    let known = false;
    const changed = ({ data }: MessageEvent<string>): void => {
      setFiring((JSON.parse(data) as { firing: number }).firing);
      // The first event of a stream says how things stand, which the page has just read.
      if (known)
        void client.invalidateQueries({
          predicate: ({ queryKey: [path] }) => typeof path === 'string' && TOLD.some((told) => path.startsWith(told)),
        });
      known = true;
    };
    const look = (): void => {
      source?.close();
      source = null;
      if (document.hidden) return;
      source = new EventSource('/api/v1/alerts/live');
      source.addEventListener('changed', changed as (event: MessageEvent) => void);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      source?.close();
    };
  }, [on, client]);
  return firing;
}
