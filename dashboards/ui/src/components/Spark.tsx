import type { ReactNode } from 'react';

/** A quiet line of a row's trend, from zero. */
export function Spark({ values, label }: { values: readonly number[]; label: string }): ReactNode {
  if (values.length < 2) return <span className="quiet">{'\u2013'}</span>;
  const max = Math.max(...values, 1);
  const x = (i: number): string => ((i / (values.length - 1)) * 96).toFixed(1);
  const y = (v: number): string => (19 - (v / max) * 18).toFixed(1);
  const d = values.map((v, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${y(v)}`).join('');
  return (
    <svg className="spark" viewBox="0 0 96 20" preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={d} />
    </svg>
  );
}
