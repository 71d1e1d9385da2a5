// Writes docs/pictures from a running demo; with a folder as argument, every page goes there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask, launch, open, signIn } from './browser.mjs';
import { enquiryPictures } from './enquiry-pictures.mjs';
import { reportPictures } from './report-pictures.mjs';
import { subjects } from './subjects.mjs';

const everything = process.argv[2];
const folder = everything ?? join(import.meta.dirname, '..', '..', '..', 'docs', 'pictures');
const DOCUMENTED = ['overview', 'service', 'trace', 'logs', 'lookup', 'slo', 'forecast', 'capacity', 'portfolio'];

mkdirSync(folder, { recursive: true });
const pages = await subjects(ask);
const browser = await launch();
try {
  for (const theme of ['light', 'dark']) {
    const { page } = await signIn(browser, 'admin', { colorScheme: theme });
    for (const [name, path] of Object.entries(pages)) {
      if (everything === undefined && !DOCUMENTED.includes(name)) continue;
      await open(page, path);
      await page.screenshot({ path: join(folder, `${name}-${theme}.png`), fullPage: everything !== undefined });
    }
  }
  const { searchParams } = new URL(pages.lookup, 'http://pages');
  await reportPictures(browser, folder);
  await enquiryPictures(browser, folder, searchParams.get('q'));
} finally {
  await browser.close();
}
