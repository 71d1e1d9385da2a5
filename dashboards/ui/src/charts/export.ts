import type { Draw, Drawing } from './sheet';

/** Draws parts of a chart that are elements of the page, as they stand there. */
export const pageDraw =
  (parts: string): Draw =>
  async (figure): Promise<Drawing> => {
    const { pageDrawing } = await import('./export/page');
    return pageDrawing([...figure.querySelectorAll(parts)]);
  };
