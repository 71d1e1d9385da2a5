import type { ReactNode } from 'react';
import { useParams } from '../lib/router';
import { Scroll } from './Scroll';

export interface Column<T> {
  id: string;
  head: string;
  /** The head is only spoken: to those who see them, the cells need none. */
  spoken?: boolean;
  cell: (row: T, index: number) => ReactNode;
  num?: boolean;
  /** Makes the column sortable; null sorts last. */
  by?: (row: T) => number | string | null;
  how?: string;
}

interface Props<T> {
  name: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T, index: number) => string;
  picked?: (row: T) => boolean;
  /** Parameter of the address that holds the order, "column" or "-column". */
  sortParam?: string;
}

function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], order: string): readonly T[] {
  const down = order.startsWith('-');
  const by = columns.find(({ id }) => id === order.replace(/^-/, ''))?.by;
  if (by === undefined) return rows;
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
    return down ? -order : order;
  });
}

export function Table<T>({ name, columns, rows, keyOf, picked, sortParam = 'sort' }: Props<T>): ReactNode {
  const [search, setParams] = useParams();
  const order = search.get(sortParam) ?? '';
  const head = (column: Column<T>): ReactNode => {
    const active = order.replace(/^-/, '') === column.id;
    const down = active && order.startsWith('-');
    const turn = (): void => setParams({ [sortParam]: active && down ? column.id : `-${column.id}` }, true);
    return (
      <th
        key={column.id}
        className={column.num === true ? 'num' : ''}
        title={column.how}
        scope="col"
        {...(active ? { 'aria-sort': down ? ('descending' as const) : ('ascending' as const) } : {})}
      >
        {column.spoken === true ? (
          <span className="sr-only">{column.head}</span>
        ) : column.by === undefined ? (
          column.head
        ) : (
          <button onClick={turn}>
            {column.head}
            {active ? (down ? ' \u2193' : ' \u2191') : ''}
          </button>
        )}
      </th>
    );
  };
  return (
    <Scroll label={name}>
      <table aria-label={name}>
        <thead>
          <tr>{columns.map(head)}</tr>
        </thead>
        <tbody>
          {sorted(rows, columns, order).map((row, i) => (
            <tr key={keyOf(row, i)} className={picked?.(row) === true ? 'picked' : ''}>
              {columns.map((column) => (
                <td key={column.id} className={column.num === true ? 'num' : ''}>
                  {column.cell(row, i)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
