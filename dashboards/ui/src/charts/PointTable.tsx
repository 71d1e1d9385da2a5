import type { ReactNode } from 'react';

/** The points of a chart as text, the first column being what they are ordered by. */
export function PointTable({
  title,
  head,
  rows,
}: {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}): ReactNode {
  return (
    <div className="table-box limit" tabIndex={0} role="region" aria-label={`${title} as a table`}>
      <table aria-label={title}>
        <thead>
          <tr>
            {head.map((name, i) => (
              <th key={name} className={i === 0 ? '' : 'num'} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {row.map((text, i) => (
                <td key={i} className={i === 0 ? 'nowrap' : 'num'}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
