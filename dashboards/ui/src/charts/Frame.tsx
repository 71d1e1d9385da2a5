import { useState, type ReactNode } from 'react';

/** An entry of a legend. */
export interface Key {
  label: string;
  /** Token of the colour. */
  colour: string;
  look: 'box' | 'line' | 'dash' | 'dot';
}

interface Props {
  title: string;
  unit: string;
  keys: readonly Key[];
  note?: ReactNode;
  /** The same as a table. */
  table: ReactNode;
  save: () => void;
  children: ReactNode;
}

/** What is around a chart: its name, its legend, and the ways to have it as a table or a file. */
export function Frame({ title, unit, keys, note, table, save, children }: Props): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <figure className="chart" data-chart={title}>
      <header>
        <h2>{title}</h2>
        <span className="quiet small">{unit}</span>
        {keys.length > 1 && (
          <span className="legend">
            {keys.map(({ label, colour, look }) => (
              <span key={label}>
                <i className={`swatch ${look === 'box' ? '' : look}`} style={{ background: `var(--${colour})` }} />
                {label}
              </span>
            ))}
          </span>
        )}
        {note !== undefined && <span className="quiet small">{note}</span>}
        <span className="tools">
          <button className="plain" aria-pressed={open} onClick={() => setOpen(!open)}>
            {open ? 'Chart' : 'Table'}
          </button>
          <button className="plain" onClick={save}>
            CSV
          </button>
        </span>
      </header>
      {open ? table : children}
    </figure>
  );
}

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
    <div className="table-box limit" tabIndex={0}>
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
