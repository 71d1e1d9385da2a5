// How soon a page shows its data, in a real browser: `npm run speed` beside a running node.
//
// Prints, for each page, the time from the click (or the opening of the address) to the data on the screen, over RUNS
// (default 40) rounds: the middle and the 95th percentile, in ms. The browser keeps the program's files, as it does for
// everybody who has been there before; the data is asked for anew each time.
import { ask, launch, settled, signIn, web } from './browser.mjs';
import { subjects } from './subjects.mjs';

const RUNS = Number(process.env.RUNS ?? 40);
const paths = await subjects(ask);
const browser = await launch();
const { page } = await signIn(browser, 'admin');

/** Notes when the data of a page is there: no skeleton, and a sentence that does not end in an ellipsis. */
await page.addInitScript(() => {
  globalThis.dataShown = new Promise((resolve) => {
    const look = () => {
      const said = document.querySelector('[data-testid=sentence]')?.textContent ?? '\u2026';
      if (document.querySelector('.skeleton') === null && !said.endsWith('\u2026'))
        requestAnimationFrame(() => resolve(performance.now()));
      else requestAnimationFrame(look);
    };
    look();
  });
});

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)].toFixed(0);
const row = (what, times) => {
  const sorted = times.toSorted((a, b) => a - b);
  console.log(`| ${what} | ${at(sorted, 0.5)} | ${at(sorted, 0.95)} |`);
};

/** The address opened, from the start of the navigation. */
async function opened(path) {
  await page.goto(new URL(path, web).href);
  return page.evaluate(() => globalThis.dataShown);
}

/** The page gone to from within, from the click. */
async function gone(label) {
  return page.evaluate(async (name) => {
    const link = [...document.querySelectorAll('nav a')].find((one) => one.textContent === name);
    const began = performance.now();
    link.click();
    await new Promise((resolve) => {
      const look = () => {
        const title = document.querySelector('h1')?.textContent;
        const said = document.querySelector('[data-testid=sentence]')?.textContent ?? '\u2026';
        if (title === name && document.querySelector('.skeleton') === null && !said.endsWith('\u2026')) resolve();
        else requestAnimationFrame(look);
      };
      look();
    });
    return performance.now() - began;
  }, label);
}

async function times(take) {
  const found = [];
  for (let i = 0; i < RUNS; i += 1) {
    found.push(await take());
    await page.waitForTimeout(100);
  }
  return found;
}

console.log('| page | p50 ms | p95 ms |\n|---|---|---|');
row('overview, opened', await times(() => opened('/overview')));
row('lookup of a customer, opened', await times(() => opened(paths.lookup)));
await page.goto(new URL('/services', web).href);
await settled(page);
row(
  'overview, gone to',
  await times(async () => {
    const took = await gone('Overview');
    await gone('Services');
    return took;
  }),
);
await browser.close();
