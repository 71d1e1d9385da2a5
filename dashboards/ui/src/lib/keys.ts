import { useEffect } from 'react';
import type { Place } from './roles';

const typing = (target: EventTarget | undefined): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

export interface KeyActions {
  find: () => void;
  help: () => void;
  go: (path: string) => void;
}

/** The keys of every page: "/" finds, g then a letter goes, "?" helps. */
export function useKeys(places: readonly Place[], { find, help, go }: KeyActions): void {
  useEffect(() => {
    let pending = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.composedPath()[0])) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (Date.now() - pending < 1_200) {
        pending = 0;
        const place = places.find(({ key }) => key === event.key);
        if (place !== undefined) {
          event.preventDefault();
          go(place.path);
        }
        return;
      }
      if (event.key === 'g') pending = Date.now();
      else if (event.key === '/') {
        event.preventDefault();
        find();
      } else if (event.key === '?') help();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [places, find, help, go]);
}
