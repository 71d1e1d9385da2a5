import { useEffect, useState } from 'react';
import { address, type Params } from '../api/client';
import type { LogLine, LogsArrived } from '../api/logs';
import { together } from './logs';

export interface Followed {
  /** Newest first. */
  lines: readonly LogLine[];
  /** More came than could be shown. */
  truncated: boolean;
  /** Why nothing more comes, '' while it does. */
  failed: string;
}

const NOTHING: Followed = { lines: [], truncated: false, failed: '' };

/** Log records as they arrive. The browser takes the stream up again where it ended. */
export function useTail(path: string, params: Params, on: boolean): Followed {
  const [followed, setFollowed] = useState(NOTHING);
  const url = address(path, params);
  useEffect(() => {
    setFollowed(NOTHING);
    if (!on) return;
    const source = new EventSource(url);
    source.addEventListener('lines', ({ data }: MessageEvent<string>) => {
      const arrived = JSON.parse(data) as LogsArrived;
      setFollowed(({ lines }) => ({
        lines: together(arrived.lines, lines),
        truncated: arrived.truncated,
        failed: '',
      }));
    });
    source.addEventListener('failed', ({ data }: MessageEvent<string>) =>
      setFollowed((before) => ({ ...before, failed: data })),
    );
    source.addEventListener('error', () => {
      // While it connects again all is well.
      if (source.readyState === EventSource.CLOSED)
        setFollowed((before) => ({ ...before, failed: 'the server ended the stream' }));
    });
    return () => source.close();
  }, [url, on]);
  return followed;
}
