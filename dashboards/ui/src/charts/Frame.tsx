import { lazy, Suspense, useRef, useState, type ReactNode } from 'react';
import { Menu } from '../components/Menu';
import { Note } from '../components/State';
import { useAsked } from '../lib/asked';
import { asSentence, formatDayMinute } from '../lib/format';
import type { ChartId, Facts } from './explain';
import { chartFile, spanOf } from './file-name';
import type { Draw, Sheet } from './sheet';

const How = lazy(() => import('./How'));

/** An entry of a legend. */
export interface Key {
  label: string;
  /** Token of the colour. */
  colour: string;
  look: 'box' | 'line' | 'dash' | 'dot';
}

interface Props {
  /** Which chart it is: what it shows is explained by this name. */
  id: ChartId;
  title: string;
  unit: string;
  /** What the explanation needs to know beside the question that was asked. */
  facts?: Facts | undefined;
  keys?: readonly Key[];
  note?: ReactNode;
  /** The same as a table. */
  table?: ReactNode;
  /** More beside the title. */
  tools?: ReactNode;
  className?: string;
  file: () => Sheet;
  draw: Draw;
  children: ReactNode;
}

/** What is around a chart: its name, its legend, the ways to have it as a table or a file, and what its figures are. */
export function Frame({
  id,
  title,
  unit,
  facts = {},
  keys = [],
  note,
  table,
  tools,
  className = '',
  file,
  draw,
  children,
}: Props): ReactNode {
  const [open, setOpen] = useState(false);
  const [explained, setExplained] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const figure = useRef<HTMLElement>(null);
  const asked = useAsked();
  const span = spanOf(asked);
  const save = async (ending: 'csv' | 'svg' | 'png'): Promise<void> => {
    const [{ saveCsv, savePng, saveSvg }, { unitOf }] = await Promise.all([
      import('./export/save'),
      import('./explain'),
    ]);
    const name = chartFile(window.location.pathname, title, span);
    if (ending === 'csv') {
      saveCsv(name, file(), unitOf(id, facts));
      return;
    }
    if (figure.current === null) return;
    const range = span === null ? null : `${formatDayMinute(span.from)} to ${formatDayMinute(span.to)}`;
    const around = { title, unit, keys, range };
    const drawing = await draw(figure.current);
    if (ending === 'svg') saveSvg(name, around, drawing);
    else await savePng(name, around, drawing);
  };
  const exporting = (ending: 'csv' | 'svg' | 'png') => () => {
    setFault(null);
    // A table has no picture: the chart comes back for it.
    if (ending !== 'csv') setOpen(false);
    const ready = ending === 'csv' || !open ? Promise.resolve() : new Promise((done) => requestAnimationFrame(done));
    ready
      .then(() => save(ending))
      .catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
  };
  return (
    <figure className={`chart ${className}`} data-chart={title} data-chart-id={id} ref={figure}>
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
          {tools}
          {table !== undefined && (
            <button className="plain" aria-pressed={open} onClick={() => setOpen(!open)}>
              {open ? 'Chart' : 'Table'}
            </button>
          )}
          <Menu
            label="Export"
            items={[
              { label: 'PNG', act: exporting('png') },
              { label: 'SVG', act: exporting('svg') },
              { label: 'CSV', act: exporting('csv') },
              { label: 'How was this computed?', act: () => setExplained(true) },
            ]}
          />
        </span>
      </header>
      {fault !== null && <Note tone="red">{asSentence(`the file could not be made: ${fault}`)} Take the CSV.</Note>}
      {open && table !== undefined ? table : children}
      {explained && (
        <Suspense fallback={null}>
          <How id={id} title={title} facts={facts} close={() => setExplained(false)} />
        </Suspense>
      )}
    </figure>
  );
}
