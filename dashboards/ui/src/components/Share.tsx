import type { ReactNode } from 'react';
import type { LookupBody } from '../api/lookup';
import { download } from '../lib/download';
import { useCopy } from '../lib/use-copy';

/** Paths of requests become addresses: the text is read elsewhere. */
const addressed = (text: string): string => text.replaceAll(' /traces/', ` ${window.location.origin}/traces/`);

/** What goes out of a lookup: a reply, what an engineer needs, and a link without personal data. */
export function Share({ body, path }: { body: LookupBody; path: string }): ReactNode {
  const [told, copy] = useCopy();
  const { reply, escalation } = body;
  return (
    <div className="stack">
      <pre className="reply" data-testid="reply">
        {reply}
      </pre>
      <p className="row small">
        <button className="plain" onClick={() => copy('reply', reply)}>
          Copy reply
        </button>
        <button className="plain" onClick={() => copy('link', new URL(path, window.location.href).href)}>
          Copy link
        </button>
        <button
          className="plain"
          onClick={() => copy('escalation', `${escalation.title}\n\n${addressed(escalation.text)}`)}
        >
          Copy for an engineer
        </button>
        <button className="plain" onClick={() => download('lookup', 'json', JSON.stringify(body, null, 2))}>
          Download everything
        </button>
        {escalation.url !== null && (
          <a href={escalation.url} target="_blank" rel="noreferrer">
            Open a ticket
          </a>
        )}
        <span role="status" className="quiet">
          {told}
        </span>
      </p>
    </div>
  );
}
