import type { ReactNode } from 'react';

interface Props<Id extends string> {
  /** What is chosen, to those who do not see the buttons. */
  label: string;
  of: readonly (readonly [id: Id, label: string, title?: string])[];
  /** None is pressed where nothing of the list is chosen. */
  chosen: Id | null;
  choose: (id: Id) => void;
  /** Further buttons of the same group. */
  children?: ReactNode;
}

/** A row of buttons of which one is pressed. */
export function Choices<Id extends string>({ label, of, chosen, choose, children }: Props<Id>): ReactNode {
  return (
    <div className="choices" role="group" aria-label={label}>
      {of.map(([id, name, title]) => (
        <button key={id} type="button" title={title} aria-pressed={chosen === id} onClick={() => choose(id)}>
          {name}
        </button>
      ))}
      {children}
    </div>
  );
}
