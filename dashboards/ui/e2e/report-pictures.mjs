// Pictures of the monthly reports of a running demo: of the month that goes on, for a demo has no older one.
import { join } from 'node:path';
import { credentials, web } from './browser.mjs';

export async function reportPictures(browser, folder) {
  const month = new Date().toISOString().slice(0, 7);
  const page = await browser.newPage({ viewport: { width: 1100, height: 1250 } });
  for (const kind of ['uptime', 'slo', 'audit', 'soc2']) {
    const answer = await fetch(`${web}/api/v1/reports/${kind}?month=${month}`, {
      headers: { authorization: `Bearer ${credentials.admin.token}` },
    });
    if (!answer.ok) throw new Error(`${kind}: ${await answer.text()}`);
    await page.setContent(await answer.text());
    await page.screenshot({ path: join(folder, `report-${kind}.png`) });
  }
  await page.close();
}
