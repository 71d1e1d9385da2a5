import { launch, open, signIn } from '/work/main/dashboards/ui/e2e/browser.mjs';
const [,, path, out, width='1440', theme='light', act=''] = process.argv;
const b = await launch();
const { page, faults } = await signIn(b, 'admin', { viewport: { width: Number(width), height: 900 }, colorScheme: theme });
await open(page, path);
if (act) { await page.locator(act).first().click(); await page.waitForTimeout(800); }
await page.screenshot({ path: out, fullPage: false });
console.log(faults);
await b.close();
