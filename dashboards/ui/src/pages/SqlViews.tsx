import type { UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Answer, Empty } from '../components/State';
import { findViews, type View } from '../lib/sql-catalog';

function OneView({ view, open, insert }: { view: View; open: boolean; insert: (name: string) => void }): ReactNode {
  const [chosen, choose] = useState<boolean | null>(null);
  const shown = chosen ?? open;
  return (
    <li>
      <span className="row small">
        <button className="plain mono" title="Write it into the statement" onClick={() => insert(view.name)}>
          {view.name}
        </button>
        <button
          className="plain"
          aria-expanded={shown}
          aria-label={`Columns of ${view.name}`}
          onClick={() => choose(!shown)}
        >
          columns <span aria-hidden="true">{shown ? '\u25be' : '\u25b8'}</span>
        </button>
      </span>
      <span className="quiet small">{view.comment}</span>
      {shown && (
        <ul aria-label={`Columns of ${view.name}`}>
          {view.columns.map(({ name, type, nullable, comment }) => (
            <li key={name} className="small">
              <button className="plain mono" title="Write it into the statement" onClick={() => insert(name)}>
                {name}
              </button>{' '}
              <span className="mono quiet">
                {type}
                {nullable ? ', may be null' : ''}
              </span>
              <span className="quiet below">{comment}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** What can be asked: the views and their columns, to read and to write into the statement. */
export function SqlViews({
  views,
  insert,
}: {
  views: UseQueryResult<View[]>;
  insert: (name: string) => void;
}): ReactNode {
  const [filter, setFilter] = useState('');
  const asked = filter.trim() !== '';
  return (
    <Answer query={views} height={280}>
      {(all) => {
        const found = findViews(all, filter);
        return (
          <>
            <input
              type="search"
              value={filter}
              placeholder="Filter views and columns"
              aria-label="Filter views and columns"
              onChange={(event) => setFilter(event.target.value)}
            />
            {found.length === 0 ? (
              <Empty>No view or column has that in its name or comment.</Empty>
            ) : (
              <ul className="views" aria-label="Views">
                {found.map((view) => (
                  <OneView key={`${view.name}/${asked}`} view={view} open={asked} insert={insert} />
                ))}
              </ul>
            )}
          </>
        );
      }}
    </Answer>
  );
}
