import type uPlot from 'uplot';
import { token } from '../lib/theme';
import { formatAt, type ChartSpec } from './spec';

function line(swatch: string | null, name: string, value: string): HTMLElement {
  const row = document.createElement('div');
  row.className = 'line';
  const label = document.createElement('span');
  if (swatch !== null) {
    const mark = document.createElement('i');
    mark.className = 'swatch';
    mark.style.background = swatch;
    label.append(mark);
  }
  label.append(name);
  const figure = document.createElement('span');
  figure.textContent = value;
  row.append(label, figure);
  return row;
}

/** Names of the marks under the cursor: inside a band, or near a tick. */
function near(spec: ChartSpec, time: number, reach: number): string[] {
  return (spec.marks ?? [])
    .filter(({ at, end }) => (end === undefined ? Math.abs(at - time) < reach : time >= at && time <= end))
    .map(({ label }) => label);
}

/** Reads every series at the cursor. */
export function fillTip(tip: HTMLElement, u: uPlot, spec: ChartSpec): void {
  const index = u.cursor.idx;
  const left = u.cursor.left ?? -1;
  const time = index === null || index === undefined ? undefined : spec.times[index];
  if (index === null || index === undefined || time === undefined || left < 0) {
    tip.classList.remove('on');
    return;
  }
  const head = document.createElement('div');
  head.className = 'quiet';
  head.textContent = formatAt(spec, time);
  const rows = spec.series.map(({ label, values, colour }) =>
    line(token(spec.budget === true ? 'text' : colour), label, spec.format(values[index] ?? null)),
  );
  const reach = (u.posToVal(8, 'x') - u.posToVal(0, 'x')) * 1000;
  const marks = near(spec, u.posToVal(left, 'x') * 1000, reach).map((name) => line(null, name, ''));
  tip.replaceChildren(head, ...rows, ...marks);
  tip.classList.add('on');
  const plot = u.over.getBoundingClientRect();
  const box = u.root.getBoundingClientRect();
  const x = plot.left - box.left + left;
  const flip = x + tip.offsetWidth + 16 > box.width;
  tip.style.left = `${flip ? x - tip.offsetWidth - 12 : x + 12}px`;
  tip.style.top = `${plot.top - box.top + 4}px`;
}
