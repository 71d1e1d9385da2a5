import type { Cell } from '../lib/csv';

/** A column of a chart's file. */
export interface Head {
  name: string;
  /** Its unit; `figure` is that of the chart's figures. */
  unit?: string | { figure: true };
}

/** What a chart shows, as rows of a file: times as RFC 3339 in UTC, figures as they came. */
export interface Sheet {
  head: readonly Head[];
  rows: readonly (readonly Cell[])[];
}

/** What a chart looks like, apart from what is around it. */
export interface Drawing {
  width: number;
  height: number;
  /** SVG elements. */
  body: string;
}

/** Draws a chart as it is shown; the figure is the chart with all that is around it. */
export type Draw = (figure: HTMLElement) => Promise<Drawing>;
