import type { ReactNode } from 'react';
import type { Money } from '../api/types';
import { alignDecimals, directionOf, formatDecimal, signOf } from '../lib/decimal';
import { asSentence, formatPercent } from '../lib/format';
import { Figure } from './Page';
import type { Column } from './Table';

/** Why a sum is null where the note at the top of its page has the reasons. */
export const SEE_NOTE = 'a part of it is not known; see the note above';

export const NotKnown = ({ why }: { why: string }): ReactNode => (
  <span className="quiet" title={asSentence(why)}>
    not known
  </span>
);

interface FigureProps {
  label: string;
  value: Money | null;
  currency: string;
  how: string;
  /** Why it is null; nothing where the page says so at its top. */
  why?: string;
  /** A gain or a loss, and not an amount. */
  signed?: boolean;
}

/** An amount with its currency; all its digits stand in the hint. */
export function MoneyFigure({ label, value, currency, how, why = '', signed = false }: FigureProps): ReactNode {
  if (value === null)
    return (
      <Figure label={label} how={how} value={<NotKnown why={why} />} note={why === '' ? currency : asSentence(why)} />
    );
  return (
    <Figure
      label={label}
      how={`${how}; exactly ${value} ${currency}`}
      value={formatDecimal(value, { most: 2, signed })}
      note={signed && signOf(value) !== 0 ? `${directionOf(value)}, ${currency}` : currency}
    />
  );
}

interface ColumnProps<T> {
  id: string;
  head: string;
  how?: string;
  of: (row: T) => Money | null;
  why?: (row: T) => string;
  signed?: boolean;
}

/** A column of amounts whose decimal points stand under each other. */
export function moneyColumn<T extends object>(
  rows: readonly T[],
  { id, head, how, of, why, signed = false }: ColumnProps<T>,
): Column<T> {
  const aligned = alignDecimals(rows.map(of), { most: 2, signed });
  const texts = new Map(rows.map((row, i) => [row, aligned[i]]));
  return {
    id,
    head,
    ...(how === undefined ? {} : { how }),
    num: true,
    cell: (row) => {
      const exact = of(row);
      return exact === null ? <NotKnown why={why?.(row) ?? ''} /> : <span title={exact}>{texts.get(row)}</span>;
    },
  };
}

/** A share as a bar and in per cent; below zero what is short or owed. */
export function ShareBar({ share, why }: { share: string | null; why: string }): ReactNode {
  if (share === null) return <NotKnown why={why} />;
  const part = Number(share);
  return (
    <>
      <span className="meter quiet" aria-hidden="true">
        <i style={{ width: `${Math.max(0, Math.min(1, part)) * 100}%` }} />
      </span>{' '}
      {formatPercent(part)}
    </>
  );
}
