import { useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import { Dialog } from '../components/Dialog';
import { Empty } from '../components/State';
import { download } from '../lib/download';
import { fromSqlFile, toSqlFile, withoutSaved, withSaved, type Saved } from '../lib/sql-saved';
import { Statements } from './SqlStatements';

/** Asks under which name a statement is kept. */
export function SaveDialog({
  names,
  save,
  close,
}: {
  names: readonly string[];
  save: (name: string) => void;
  close: () => void;
}): ReactNode {
  const [text, setText] = useState('');
  const name = text.trim();
  const taken = names.includes(name);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name !== '') save(name);
  };
  return (
    <Dialog label="Save the statement" close={close}>
      <form onSubmit={submit}>
        <h2>Save the statement</h2>
        <p className="quiet">It is kept in this browser, for you. To share it, copy its link or export a file.</p>
        <label className="field">
          Name
          <input value={text} autoFocus required maxLength={80} onChange={(event) => setText(event.target.value)} />
        </label>
        <p role="status" className="quiet small">
          {taken ? 'It takes the place of the one of that name.' : ''}
        </p>
        <div className="row">
          <button className="main-action" disabled={name === ''}>
            {taken ? 'Replace' : 'Save'}
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface Props {
  saved: readonly Saved[];
  change: (step: (saved: Saved[]) => Saved[]) => void;
  edit: (sql: string) => void;
  run: (sql: string) => void;
}

/** The statements with a name, and the way to hand them on as a file. */
export function SqlSaved({ saved, change, edit, run }: Props): ReactNode {
  const file = useRef<HTMLInputElement>(null);
  const take = async (chosen: File): Promise<void> => {
    const found = fromSqlFile(await chosen.text(), chosen.name);
    change((old) => withSaved(old, ...found));
  };
  return (
    <>
      <span className="row small">
        {saved.length > 0 && (
          <button className="plain" onClick={() => download('headroom-queries', 'sql', toSqlFile(saved))}>
            Export as .sql
          </button>
        )}
        <button className="plain" onClick={() => file.current?.click()}>
          Import a .sql file
        </button>
        <input
          ref={file}
          type="file"
          accept=".sql"
          hidden
          onChange={({ target }) => {
            const chosen = target.files?.[0];
            if (chosen !== undefined) void take(chosen);
            // So that the same file can be chosen again.
            target.value = '';
          }}
        />
      </span>
      {saved.length === 0 ? (
        <Empty>Nothing is saved yet. Save keeps the statement under a name.</Empty>
      ) : (
        <Statements
          label="Saved"
          of={saved.map(({ name, sql }) => ({ id: name, title: name, sql }))}
          edit={edit}
          run={run}
          drop={(name) => change((old) => withoutSaved(old, name))}
        />
      )}
    </>
  );
}
