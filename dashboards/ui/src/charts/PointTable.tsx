import type { ReactNode } from 'react';
import { Scroll } from '../components/Scroll';

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
    <Scroll label={title} className="limit">
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
    </Scroll>
  );
}
