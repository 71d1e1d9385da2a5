import type { ReactNode } from 'react';
import type { LotMethod } from '../api/portfolio';
import { formatTime } from '../lib/format';
import { toLocalField } from '../lib/range';
import { useParams, type Changes } from '../lib/router';

const METHODS: readonly [LotMethod, string][] = [
  ['fifo', 'oldest lots first'],
  ['lifo', 'newest lots first'],
  ['average', 'average cost'],
  ['specific', 'lots the sale names'],
];
/** Offered beside those of the portfolio; the address takes any. */
const CURRENCIES = ['USD', 'EUR', 'GBP', 'CHF', 'JPY', 'INR'];

export interface View {
  as_of: string | null;
  base: string | null;
  method: string | null;
}

/** How portfolios are looked at: the moment, the currency, the lots that sales close; all in the address. */
export function useView(): View {
  const [search] = useParams();
  return { as_of: search.get('as_of'), base: search.get('base'), method: search.get('method') };
}

/** What links between portfolios keep. */
export function useKept(): Changes {
  const [search] = useParams();
  return { ...useView(), period: search.get('period') };
}

export function BaseCurrency({ known, usual }: { known: readonly string[]; usual: string }): ReactNode {
  const [search, set] = useParams();
  const base = search.get('base') ?? '';
  const choices = new Set([...[...known, ...CURRENCIES].filter((code) => code !== usual), base]);
  choices.delete('');
  return (
    <label className="row">
      <span className="quiet">Currency</span>
      <select value={base} onChange={(event) => set({ base: event.target.value })}>
        <option value="">{usual}</option>
        {[...choices].sort().map((code) => (
          <option key={code}>{code}</option>
        ))}
      </select>
    </label>
  );
}

/** The moment that is looked at. */
export function AsOf({ shown }: { shown?: string | undefined }): ReactNode {
  const [, set] = useParams();
  const { as_of: asOf } = useView();
  return (
    <>
      <label className="row">
        <span className="quiet">As of</span>
        <input
          type="datetime-local"
          value={asOf === null || Number.isNaN(Date.parse(asOf)) ? '' : toLocalField(Date.parse(asOf))}
          onChange={(event) =>
            set({ as_of: event.target.value === '' ? null : new Date(event.target.value).toISOString() })
          }
        />
      </label>
      {shown !== undefined && <span className="quiet">Shown: {formatTime(shown)}</span>}
      {asOf !== null && (
        <button className="plain" onClick={() => set({ as_of: null })}>
          Now
        </button>
      )}
    </>
  );
}

/** `shown` is the moment of the answer. */
export function ViewControls({ shown, known }: { shown: string | undefined; known: readonly string[] }): ReactNode {
  const [, set] = useParams();
  const { method } = useView();
  return (
    <div className="row small">
      <AsOf shown={shown} />
      <BaseCurrency known={known} usual="its own" />
      <label className="row" title="Which lots a sale closes: realised and unrealised gains depend on it">
        <span className="quiet">Lots</span>
        <select
          value={method ?? 'fifo'}
          onChange={(event) => set({ method: event.target.value === 'fifo' ? null : event.target.value })}
        >
          {METHODS.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
