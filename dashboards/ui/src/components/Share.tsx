import { useState, type ReactNode } from 'react';
import { post } from '../api/client';
import type { LookupBody, ShareBody } from '../api/lookup';
import { download } from '../lib/download';
import { formatTime } from '../lib/format';
import { useCopy } from '../lib/use-copy';

/** Paths of requests become addresses: the text is read elsewhere. */
const addressed = (text: string): string => text.replaceAll(' /traces/', ` ${window.location.origin}/traces/`);

/** What goes out of a lookup: a reply, what an engineer needs, and a link without personal data. */
export function Share({ body, path }: { body: LookupBody; path: string }): ReactNode {
  const [told, copy] = useCopy();
  const [fault, setFault] = useState('');
  const { reply, escalation } = body;
  /** For one whose role does not open the lookup: for a day, masked, and on record. */
  const give = async (): Promise<void> => {
    setFault('');
    try {
      const q = body.customer?.customer_id ?? body.query;
      const shared = await post<ShareBody>('/api/v1/lookup/share', { q: body.query.includes('@') ? q : body.query });
      copy(`link, good until ${formatTime(shared.until)}`, new URL(shared.path, window.location.href).href);
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'The link could not be made');
    }
  };
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
        <button className="plain" onClick={() => void give()}>
          Copy link for a colleague
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
          {fault === '' ? told : fault}
        </span>
      </p>
    </div>
  );
}
