import { useEffect, useState, type ReactNode } from 'react';
import { useMutation } from '@tanstack/react-query';
import { post } from '../api/client';
import type { Customer, RevealBody } from '../api/lookup';
import { formatClock } from '../lib/format';
import { useMay } from '../lib/session';
import { ReasonDialog } from './ReasonDialog';

const LEAST = 8;

function Ask({
  customer,
  done,
  close,
}: {
  customer: string;
  done: (body: RevealBody) => void;
  close: () => void;
}): ReactNode {
  const ask = useMutation({
    mutationFn: (reason: string) => post<RevealBody>('/api/v1/lookup/reveal', { customer_id: customer, reason }),
    onSuccess: done,
  });
  return (
    <ReasonDialog
      title={`Reveal the personal data of ${customer}`}
      note="Your name, the time and the reason are written to the audit log."
      label="Reason, for example a ticket number"
      action="Reveal"
      least={LEAST}
      busy={ask.isPending}
      error={ask.error}
      go={ask.mutate}
      close={close}
    />
  );
}

/** The masked card of a customer; clear text only for a reason and for a while. */
export function CustomerCard({ customer }: { customer: Customer }): ReactNode {
  const allowed = useMay('reveal');
  const [asking, setAsking] = useState(false);
  const [shown, setShown] = useState<RevealBody | null>(null);
  useEffect(() => {
    if (shown === null) return;
    const left = Math.max(0, Date.parse(shown.expires_at) - Date.now());
    const timer = setTimeout(() => setShown(null), Math.min(left, 2_147_000_000));
    return () => clearTimeout(timer);
  }, [shown]);
  const clear =
    shown === null
      ? []
      : ([
          ['Name', shown.name],
          ['Email', shown.email],
          ['Country', shown.country],
        ] as const);
  return (
    <div className="stack" data-testid="customer">
      <dl className="figures">
        <div className="figure">
          <dt>Customer</dt>
          <dd>{customer.customer_id}</dd>
        </div>
        {clear.length > 0 ? (
          clear.map(([key, value]) => (
            <div className="figure" key={key}>
              <dt>{key}</dt>
              <dd>{value ?? '\u2013'}</dd>
            </div>
          ))
        ) : (
          <>
            <div className="figure">
              <dt>Name</dt>
              <dd>{customer.name_masked ?? '\u2013'}</dd>
            </div>
            <div className="figure">
              <dt>Email</dt>
              <dd>{customer.email_masked ?? '\u2013'}</dd>
            </div>
            <div className="figure">
              <dt>Country</dt>
              <dd>{customer.country ?? '\u2013'}</dd>
            </div>
          </>
        )}
      </dl>
      <p className="small">
        {shown !== null && (
          <>
            <span className="amber">Shown in clear until {formatClock(shown.expires_at)}.</span>{' '}
            <button className="plain" onClick={() => setShown(null)}>
              Hide now
            </button>
          </>
        )}
        {shown === null && allowed && (
          <button className="plain" onClick={() => setAsking(true)}>
            Reveal, with a reason
          </button>
        )}
        {shown === null && !allowed && <span className="quiet">Masked; agents may reveal it with a reason.</span>}
      </p>
      {asking && (
        <Ask
          customer={customer.customer_id}
          close={() => setAsking(false)}
          done={(body) => {
            setShown(body);
            setAsking(false);
          }}
        />
      )}
    </div>
  );
}
