// The series of docs/support.md: one enquiry, from the box to what is handed on.
import { join } from 'node:path';
import { settled, signIn, web } from './browser.mjs';

/** Takes the pictures of the enquiry about `q` into a folder. */
export async function enquiryPictures(browser, folder, q) {
  const { page, context } = await signIn(browser, 'agent', { viewport: { width: 1280, height: 760 } });
  const picture = (n, name) => page.screenshot({ path: join(folder, `enquiry-${n}-${name}.png`) });
  await page.goto(web);
  await page.getByLabel('Look up', { exact: true }).fill(q);
  await settled(page);
  await picture(1, 'box');
  await page.getByRole('button', { name: 'Look up' }).click();
  await page.getByTestId('verdict').waitFor();
  await settled(page);
  await picture(2, 'verdict');
  await page.getByTestId('journey').scrollIntoViewIfNeeded();
  await picture(3, 'journey');
  await page.getByTestId('reply').scrollIntoViewIfNeeded();
  await picture(4, 'reply');
  await context.close();
}
