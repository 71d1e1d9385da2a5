import { useState, type KeyboardEvent } from 'react';

interface Reading {
  /** What is read; null until the first key. */
  at: number | null;
  read: (at: number | null) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** Reads a chart's points by keyboard: arrows go from one to the next, Home and End to the ends, Esc leaves. */
export function useReading(count: number): Reading {
  const [at, read] = useState<number | null>(null);
  const last = count - 1;
  const here = at === null ? null : Math.min(at, last);
  const onKeyDown = (event: KeyboardEvent): void => {
    const to: Record<string, number> = {
      ArrowRight: here === null ? 0 : Math.min(last, here + 1),
      ArrowLeft: here === null ? last : Math.max(0, here - 1),
      Home: 0,
      End: last,
    };
    const next = to[event.key];
    if (event.key === 'Escape') read(null);
    if (next === undefined || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    read(next);
  };
  return { at: last < 0 ? null : here, read, onKeyDown };
}
