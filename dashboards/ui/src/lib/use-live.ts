import { useQueryClient } from '@tanstack/react-query';
import { createContext, useEffect, useState } from 'react';
import { changes, UNSAID_MS, waitAfter, type Changed } from './live';

export interface Live {
  /** How many alerts fire; null while that is not known, or not for this role. */
  firing: number | null;
  /** When a minute was last closed, or the page was looked at again: live ranges end there. */
  moment: number;
  /** Since when nothing is heard; null while all is well. */
  goneSince: number | null;
  /** Reads everything that is shown again, and asks for the stream at once. */
  again: () => void;
}

const NOTHING: Live = { firing: null, moment: 0, goneSince: null, again: () => undefined };
export const LiveContext = createContext<Live>(NOTHING);

const API = '/api/v1/live';

/**
 * What changed, from the one stream of this page: what is shown of it is read again at once, and nothing is asked for
 * otherwise. Only a page that is looked at follows. A browser takes up a stream that ended by itself, with the id of the
 * last event; one that is refused is asked for again here, later and later.
 */
export function useLive(): Live {
  const client = useQueryClient();
  const [live, setLive] = useState<Live>(() => ({ ...NOTHING, moment: Date.now() }));
  useEffect(() => {
    let source: EventSource | null = null;
    let timers: number[] = [];
    let failures = 0;
    // Since the stream was last heard of; a page that was hidden reads everything again.
    let gone: number | null = null;
    let hidden = false;
    const stop = (): void => {
      source?.close();
      source = null;
      timers.forEach((timer) => window.clearTimeout(timer));
      timers = [];
    };
    const all = (): void => {
      setLive((before) => ({ ...before, moment: Date.now() }));
      void client.invalidateQueries({ predicate: ({ queryKey: [path] }) => path !== 'session' });
    };
    const heard = ({ data }: MessageEvent<string>): void => {
      const { topics, firing } = JSON.parse(data) as Changed;
      const missed = failures > 0;
      failures = 0;
      gone = null;
      const minute = topics.includes('minute');
      setLive((before) => ({
        ...before,
        firing,
        goneSince: null,
        moment: minute ? Date.now() : before.moment,
      }));
      // A stream of our own making begins anew and cannot say what was missed.
      if (missed) all();
      else if (topics.length > 0) void client.invalidateQueries({ predicate: (query) => changes(topics, query) });
    };
    const lost = (): void => {
      gone ??= Date.now();
      const since = gone;
      timers.push(
        window.setTimeout(() => {
          if (gone === since) setLive((before) => ({ ...before, goneSince: since }));
        }, UNSAID_MS),
      );
      // While it connects again by itself there is nothing to do.
      if (source?.readyState !== EventSource.CLOSED) return;
      failures += 1;
      timers.push(window.setTimeout(follow, waitAfter(failures)));
    };
    const follow = (): void => {
      source?.close();
      source = new EventSource(API);
      source.addEventListener('changed', heard as (event: MessageEvent) => void);
      source.addEventListener('error', lost);
    };
    const look = (): void => {
      stop();
      if (document.hidden) {
        hidden = true;
        return;
      }
      if (hidden) all();
      hidden = false;
      follow();
    };
    const again = (): void => {
      all();
      look();
    };
    setLive((before) => ({ ...before, again }));
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      stop();
    };
  }, [client]);
  return live;
}
