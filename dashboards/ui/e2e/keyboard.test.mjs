// The keyboard alone: it reaches everything in the order of the page, shows where it is, and is caught nowhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, launch, open, settled, signIn } from './browser.mjs';
import { pathsOf } from './routes.mjs';

let browser;
let paths;

before(async () => {
  browser = await launch();
  paths = await pathsOf(ask);
});
after(() => browser?.close());

/** In the page: what the keyboard must reach, in order, and a record of what it reaches. */
function prepare() {
  const looks = (element) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(element);
    return { outline: outlineStyle === 'none' ? '' : `${outlineWidth} ${outlineColor}`, boxShadow };
  };
  const all = [
    ...document.querySelectorAll(
      'a[href], button, input, select, textarea, summary, [tabindex="0"], [contenteditable="true"]',
    ),
  ].filter(
    (element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true }),
  );
  const before = all.map(looks);
  const walk = { all, reached: [], unseen: new Set(), others: 0 };
  window.walk = walk;
  document.addEventListener('focusin', ({ target }) => {
    const at = all.indexOf(target);
    if (at === -1) {
      walk.others += 1;
      return;
    }
    if (walk.reached.at(-1) !== at) walk.reached.push(at);
    const now = looks(target);
    const shown = (now.outline !== '' && now.outline !== before[at].outline) || now.boxShadow !== before[at].boxShadow;
    if (!shown) walk.unseen.add(at);
  });
  document.activeElement?.blur();
  all[0].focus();
  return all.length;
}

/** In the page: how the walk went. */
function result() {
  const { all, reached, unseen } = window.walk;
  const name = (at) => {
    const element = all[at];
    const text = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40);
    return `${at} ${element.localName}.${element.getAttribute('class') ?? ''} "${text}"`;
  };
  const there = (at) => all[at].isConnected;
  const visited = new Set(reached);
  const missed = all.map((_, at) => at).filter((at) => there(at) && !visited.has(at));
  // Round once: what comes after the last element is the beginning again.
  const once = reached.slice(0, reached.indexOf(all.length - 1) + 1);
  const back = once.filter((at, i) => i > 0 && at < once[i - 1]);
  return {
    missed: missed.map(name),
    back: back.map(name),
    unseen: [...unseen].filter(there).map(name),
    stuck: document.activeElement === null ? '' : document.activeElement.localName,
  };
}

/** Each chart of a page is read by arrow keys; what is a list, a tree or links is read as such. */
async function unread(page) {
  const found = [];
  for (const chart of await page.locator('figure.chart').all()) {
    const id = await chart.getAttribute('data-chart-id');
    const drawn = chart.getByRole('application').first();
    if ((await drawn.count()) === 0) {
      if ((await chart.locator('a, li, [role=tree], .map-node').count()) === 0) found.push(`${id} has no words`);
      continue;
    }
    await drawn.focus();
    await page.keyboard.press('ArrowLeft');
    await settled(page);
    const told = await chart.getByRole('status').allInnerTexts();
    const chosen = new URL(page.url()).searchParams.get('cell') !== null;
    if (!chosen && !told.some((text) => text.length > 5)) found.push(`${id} tells nothing`);
  }
  return found;
}

test('Tab reaches everything in order, where it is can be seen, and charts are read by arrow keys', async () => {
  const { page, context } = await signIn(browser, 'admin', { viewport: { width: 1280, height: 900 } });
  const wrong = [];
  for (const [name, path] of Object.entries(paths)) {
    await open(page, path);
    const count = await page.evaluate(prepare);
    // A field of a date takes several, a box that scrolls one of its own.
    const most = count * 1.2 + 60;
    for (let pressed = 0, round = false; pressed < most && !round; pressed += 20) {
      for (let i = 0; i < 20; i += 1) await page.keyboard.press('Tab');
      round = await page.evaluate(() => window.walk.reached.indexOf(0, 1) !== -1);
    }
    const { missed, back, unseen } = await page.evaluate(result);
    const tell = (what, list) => {
      if (list.length > 0) wrong.push(`${name}: ${what}: ${list.slice(0, 3).join('; ')} (${list.length} of ${count})`);
    };
    tell('not reached', missed);
    tell('out of order', back);
    tell('focus cannot be seen', unseen);
    tell('not read by arrow keys', await unread(page));
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

const dialog = (page) => page.getByRole('dialog');
const button = (name) => (page) => page.getByRole('button', name).first();
/** What opens over a page: what it is, where, how it is opened, and what is then there. */
const OVERLAYS = [
  ['the keys', 'services', button({ name: 'Keys ?' }), dialog],
  ['a name for a statement', 'sql', button({ name: 'Save', exact: true }), dialog],
  ['a reason', 'lookup', button({ name: 'Reveal, with a reason' }), dialog],
  ['a range', 'services', button({ name: 'Custom' }), (page) => page.locator('.popover')],
  ['the files of a chart', 'service', button({ name: 'Export' }), (page) => page.getByRole('menu')],
];

for (const [what, name, opener, overlay] of OVERLAYS) {
  test(`${what}: it takes the focus, keeps it, and gives it back on Escape`, async () => {
    const { page, context, faults } = await signIn(browser, 'admin', { viewport: { width: 375, height: 800 } });
    await open(page, paths[name]);
    const opened = opener(page);
    await opened.focus();
    await page.keyboard.press('Enter');
    const over = overlay(page);
    await over.waitFor();
    const inside = () => over.evaluate((element) => element.contains(document.activeElement));
    assert.equal(await inside(), true, 'it takes the focus');
    const { x, width } = await over.boundingBox();
    assert.ok(x >= 0 && x + width <= 375, `it is in the window of a phone: ${x} to ${x + width}`);
    if (overlay === dialog)
      for (let i = 0; i < 12; i += 1) {
        await page.keyboard.press('Tab');
        // From the last element of a dialog the browser's own frame comes first.
        const outside = await page.evaluate(() => {
          const { activeElement: at } = document;
          return at !== null && at !== document.body && at.closest('dialog') === null;
        });
        assert.equal(outside, false, 'the page behind is not reached');
      }
    await page.keyboard.press('Escape');
    await over.waitFor({ state: 'detached' });
    assert.equal(await opened.evaluate((element) => element === document.activeElement), true, 'and gives it back');
    assert.deepEqual(faults, []);
    await context.close();
  });
}
