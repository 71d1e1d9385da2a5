// Every page from a phone to a wall, light and dark: nothing sticks out, lies under something else, is too small to
// read, or breaks a rule of WCAG 2 A and AA that a machine can check.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, launch, open, signIn, web } from './browser.mjs';
import { AXE, violations } from './axe.mjs';
import { pathsOf } from './routes.mjs';

const WIDTHS = [320, 375, 768, 1280, 1920, 3840];
/** Where axe looks too: it knows nothing of width but what it sees. */
const READ_AT = new Set([320, 1280]);

let browser;
let paths;

before(async () => {
  browser = await launch();
  paths = await pathsOf(ask);
});
after(() => browser?.close());

/** In the page: what is wrong with its layout, a line for each kind. */
function faults() {
  const SMALLEST = 12;
  const found = [];
  const nameOf = (element) => {
    const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40);
    const classes = typeof element.className === 'string' ? element.className : '';
    return `${element.localName}${classes === '' ? '' : `.${classes.split(' ').join('.')}`} "${text}"`;
  };
  const tell = (what, elements) => {
    if (elements.length > 0) found.push(`${what}: ${nameOf(elements[0])} and ${elements.length - 1} more`);
  };
  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    element.closest('.sr-only, .skip') === null &&
    element.getBoundingClientRect().width > 0;

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const wide = [...document.querySelectorAll('main *, header *, aside *')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    found.push(`scrolls sideways by ${scrollWidth - clientWidth}: ${wide.slice(0, 3).map(nameOf).join(' < ')}`);
  }

  const controls = [
    ...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]'),
  ].filter((element) => seen(element) && !element.disabled);
  const missed = controls.filter((element) => {
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    // Of a link over several lines the first one; of something larger than the window what is seen of it.
    const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    if (right <= left || bottom <= top) return true;
    const at = [(left + right) / 2, (top + bottom) / 2];
    const hit = document.elementFromPoint(...at);
    if (hit === null) return true;
    // A label stands for its field.
    return !(element.contains(hit) || hit.closest('label')?.control === element);
  });
  tell('cannot be clicked in its middle', missed);

  const small = [...document.querySelectorAll('body *')].filter((element) => {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
    if (!own || !seen(element)) return false;
    const scale = element instanceof SVGElement ? (element.getScreenCTM?.()?.a ?? 1) : 1;
    return Number.parseFloat(getComputedStyle(element).fontSize) * scale < SMALLEST - 0.01;
  });
  tell(`text smaller than ${SMALLEST} px`, small);
  window.scrollTo(0, 0);
  return found;
}

/** Lets the page follow its new width: observers, then a frame to draw. */
const follow = (page) =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)))),
  );

for (const theme of ['light', 'dark']) {
  test(`every page fits every width and can be used by everybody: ${theme}`, async () => {
    const { page, context } = await signIn(browser, 'admin', { colorScheme: theme });
    const wrong = [];
    for (const [name, path] of Object.entries(paths)) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await open(page, path);
      // Put in by the debugger, which the policy of the pages does not bind.
      await page.evaluate(AXE);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width > 1920 ? 2160 : 900 });
        await follow(page);
        const lines = await page.evaluate(faults);
        if (READ_AT.has(width)) lines.push(...(await violations(page)));
        wrong.push(...lines.map((line) => `${name} at ${width}: ${line}`));
      }
    }
    assert.equal(wrong.join('\n'), '');
    await context.close();
  });
}

test('so can the door', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(web);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.evaluate(AXE);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 700 });
      await follow(page);
      assert.deepEqual(
        [...(await page.evaluate(faults)), ...(await violations(page))],
        [],
        `${colorScheme} at ${width}`,
      );
    }
    await context.close();
  }
});

test('so can what opens over a page, and a chart as a table', async () => {
  const { page, context } = await signIn(browser, 'admin', {
    colorScheme: 'dark',
    viewport: { width: 375, height: 800 },
  });
  await open(page, paths.service);
  await page.evaluate(AXE);
  const chart = page.locator('[data-chart-id=service-latency]');
  await chart.getByRole('button', { name: 'Table' }).click();
  assert.deepEqual(await violations(page), []);
  await chart.getByRole('button', { name: 'Export' }).click();
  assert.deepEqual(await violations(page), []);
  await chart.getByRole('menuitem', { name: 'How was this computed?' }).click();
  await page.getByRole('dialog').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  assert.deepEqual(await violations(page), []);
  await context.close();
});
