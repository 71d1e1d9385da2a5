import type { ReactNode } from 'react';

export interface Statement {
  id: string;
  title?: string;
  sql: string;
  note?: string;
}
interface Props {
  label: string;
  of: readonly Statement[];
  edit: (sql: string) => void;
  run: (sql: string) => void;
  drop?: (id: string) => void;
}

/** Statements to take up again: into the editor, or run at once. */
export function Statements({ label, of, edit, run, drop }: Props): ReactNode {
  return (
    <ul className="statements" aria-label={label}>
      {of.map(({ id, title, sql, note }) => {
        const name = title ?? sql.trim().replace(/\s+/g, ' ').slice(0, 60);
        return (
          <li key={id}>
            {title !== undefined && <strong>{title}</strong>}
            <pre title={sql}>{sql.trim()}</pre>
            <span className="row small">
              {note !== undefined && <span className="quiet">{note}</span>}
              <button className="plain" aria-label={`Edit: ${name}`} onClick={() => edit(sql)}>
                Edit
              </button>
              <button className="plain" aria-label={`Run: ${name}`} onClick={() => run(sql)}>
                Run
              </button>
              {drop !== undefined && (
                <button className="plain" aria-label={`Remove: ${name}`} onClick={() => drop(id)}>
                  Remove
                </button>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
