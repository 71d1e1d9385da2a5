import type { Asked } from '../lib/asked';
import { fileName } from '../lib/download';

/** The range that was asked for, in unix ms; null where the figures are of none. */
export function spanOf(asked: Asked | null): { from: number; to: number } | null {
  const [from, to] = [asked?.params['from'], asked?.params['to']].map((time) => Date.parse(String(time ?? '')));
  return from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to) ? null : { from, to };
}

/** "20261128t0640z" */
const compact = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 16).replace(/[-:]/g, '').toLowerCase()}z`;

/** "headroom-services-order-latency-20261128t0600z-20261128t0700z" */
export function chartFile(page: string, title: string, span: { from: number; to: number } | null): string {
  const parts = ['headroom', decodeURIComponent(page), title];
  const times = span === null ? [] : [compact(span.from), compact(span.to)];
  return [...parts.map(fileName), ...times].filter((part) => part !== '').join('-');
}
