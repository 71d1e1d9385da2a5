import type { ReactNode } from 'react';
import { useCopy } from '../lib/use-copy';

/** What goes out of a lookup: a reply to paste, and a link without personal data. */
export function Share({ sentence, next, path }: { sentence: string; next: string; path: string }): ReactNode {
  const [told, copy] = useCopy();
  return (
    <p className="row small">
      <button className="plain" onClick={() => copy('reply', `${sentence}\n${next}`)}>
        Copy as reply
      </button>
      <button className="plain" onClick={() => copy('link', new URL(path, window.location.href).href)}>
        Copy link
      </button>
      <span role="status" className="quiet">
        {told}
      </span>
    </p>
  );
}
