import type { ReactNode } from 'react';
import { formatPercent } from '../lib/format';

const Bar = ({ share, of, look }: { share: number; of: string; look: 'first' | 'second' }): ReactNode => (
  <span className="share-bar">
    <span className="share-track" aria-hidden="true">
      <i className={look} style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
    </span>
    <span className="num">
      <span className="sr-only">{of} </span>
      {formatPercent(share)}
    </span>
  </span>
);

/** Two shares one above the other, on one scale from nothing to all. */
export const ShareBars = ({ shares, names }: { shares: [number, number]; names: [string, string] }): ReactNode => (
  <>
    <Bar share={shares[0]} of={names[0]} look="first" />
    <Bar share={shares[1]} of={names[1]} look="second" />
  </>
);

/** What the two bars are. */
export const BarKeys = ({ names }: { names: [string, string] }): ReactNode => (
  <span className="row small quiet bar-keys">
    <span>
      <i className="swatch first" />
      {names[0]}
    </span>
    <span>
      <i className="swatch second" />
      {names[1]}
    </span>
  </span>
);
