import { useEffect, useState, type ReactNode } from 'react';

type Copied = '' | 'reply' | 'link' | 'refused';

/** What goes out of a lookup: a reply to paste, and a link without personal data. */
export function Share({ sentence, next, path }: { sentence: string; next: string; path: string }): ReactNode {
  const [copied, setCopied] = useState<Copied>('');
  useEffect(() => {
    if (copied === '') return;
    const timer = setTimeout(() => setCopied(''), 4_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (what: Copied, text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(what),
      () => setCopied('refused'),
    );
  };
  return (
    <p className="row small">
      <button className="plain" onClick={() => copy('reply', `${sentence}\n${next}`)}>
        Copy as reply
      </button>
      <button className="plain" onClick={() => copy('link', new URL(path, window.location.href).href)}>
        Copy link
      </button>
      <span role="status" className="quiet">
        {copied === 'refused'
          ? 'The browser does not allow copying here.'
          : copied === ''
            ? ''
            : `The ${copied} is copied.`}
      </span>
    </p>
  );
}
