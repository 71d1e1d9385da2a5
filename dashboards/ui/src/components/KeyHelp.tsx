import { Fragment, type ReactNode } from 'react';
import type { Place } from '../lib/roles';
import { Dialog } from './Dialog';

export function KeyHelp({ places, close }: { places: readonly Place[]; close: () => void }): ReactNode {
  const keys: [string[], string][] = [
    [['/'], 'Find a customer, order, payment or trace'],
    ...places.map(({ key, label }): [string[], string] => [['g', key], label]),
    [['\u2191', '\u2193'], 'Trace: previous and next span; heat-map: move the cell'],
    [['\u2190', '\u2192'], 'Trace: close and open a span'],
    [['Shift', '\u2190 \u2191 \u2192 \u2193'], 'Heat-map: draw a rectangle, to see what sets its requests apart'],
    [['\u2190', '\u2192'], 'Chart: read the point before and after; Home and End, the first and the last'],
    [['Enter'], 'Open what is selected'],
    [['?'], 'These keys'],
    [['Esc'], 'Close'],
  ];
  return (
    <Dialog label="Keyboard" close={close}>
      <h2>Keyboard</h2>
      <dl className="keys">
        {keys.map(([combo, what]) => (
          <Fragment key={what}>
            <dt>
              {combo.map((key, i) => (
                <Fragment key={key + String(i)}>
                  {i > 0 && ' '}
                  <kbd>{key}</kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
      <div>
        <button autoFocus onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
