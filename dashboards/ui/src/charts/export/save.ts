import { toCsv } from '../../lib/csv';
import { download } from '../../lib/download';
import type { Drawing, Sheet } from '../sheet';
import { picture, type Around } from './picture';

/** Pixels of a PNG for each of the drawing. */
const SHARP = 2;
/** No browser draws more on a side. */
const MOST = 16_000;

/** The chart's rows as CSV; each figure has its unit in the head. */
export function saveCsv(name: string, { head, rows }: Sheet, unit: string): void {
  const heads = head.map(({ name: column, unit: own }) => {
    const told = typeof own === 'object' ? unit : (own ?? '');
    return told === '' ? column : `${column} (${told})`;
  });
  download(name, 'csv', toCsv(heads, rows));
}

export function saveSvg(name: string, around: Around, drawing: Drawing): void {
  download(name, 'svg', picture(around, drawing).text);
}

/** The same vectors as pixels, twice as many as on the page. Nothing is asked of the network: the picture is its own address. */
export async function savePng(name: string, around: Around, drawing: Drawing): Promise<void> {
  const { text, width, height } = picture(around, drawing);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const sharp = Math.min(SHARP, MOST / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('the browser draws no pictures here');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => {
    canvas.toBlob(done, 'image/png');
  });
  if (blob === null) throw new Error('the picture is too large for this browser');
  download(name, 'png', blob);
}
