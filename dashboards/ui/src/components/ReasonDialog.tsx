import { useState, type ReactNode, type SubmitEvent } from 'react';
import { Dialog } from './Dialog';
import { Failed } from './State';

interface Props {
  title: string;
  /** What becomes of the reason. */
  note: string;
  label: string;
  /** Of the button that does it. */
  action: string;
  /** Fewest letters of a reason. */
  least: number;
  busy: boolean;
  error: Error | null;
  go: (reason: string) => void;
  close: () => void;
}

/** Something that is done for a reason, which is put on record. */
export function ReasonDialog({ title, note, label, action, least, busy, error, go, close }: Props): ReactNode {
  const [text, setText] = useState('');
  const reason = text.trim();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (reason.length >= least) go(reason);
  };
  return (
    <Dialog label={title} close={close}>
      <form onSubmit={submit}>
        <h2>{title}</h2>
        <p className="quiet">{note}</p>
        <label className="field">
          {label}
          <textarea
            rows={3}
            value={text}
            autoFocus
            required
            minLength={least}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        {error !== null && <Failed error={error} />}
        <div className="row">
          <button className="main-action" disabled={reason.length < least || busy}>
            {action}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
