import { useCallback, useEffect, useState } from 'react';

/** What this browser keeps for the person signed in. */
function load<T>(key: string, read: (value: unknown) => T): T {
  try {
    return read(JSON.parse(localStorage.getItem(key) ?? 'null'));
  } catch {
    return read(null); // storage is off, or holds something else: start empty
  }
}

/**
 * A value in the browser's storage. A change is made to what is stored now, as another tab may have changed it since;
 * `read` makes a value of whatever is found there.
 */
export function useStored<T>(key: string, read: (value: unknown) => T): [T, (change: (value: T) => T) => void] {
  const [value, setValue] = useState(() => load(key, read));
  useEffect(() => {
    const onStorage = (event: StorageEvent): void => {
      if (event.key === key) setValue(load(key, read));
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
  }, [key, read]);
  const change = useCallback(
    (step: (value: T) => T) => {
      const next = step(load(key, read));
      setValue(next);
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // Storage is off or full: the change lasts as long as the page.
      }
    },
    [key, read],
  );
  return [value, change];
}
