// Every page, light and dark, by the rules of WCAG 2 A and AA that a machine can check.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { ask, launch, open, signIn, web } from './browser.mjs';
import { subjects } from './subjects.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

let browser;
let paths;

before(async () => {
  browser = await launch();
  paths = await subjects(ask);
});
after(() => browser?.close());

/** What is wrong with the page as it stands, a line for each rule with the first place. */
const violations = (page) =>
  page.evaluate(async (tags) => {
    const { violations: found } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return found.map(({ id, help, nodes: [first, ...more] }) => {
      const why = [...first.any, ...first.all].map(({ message }) => message).join('; ');
      return `${id}: ${help}: ${first.target.join(' ')} and ${more.length} more${why === '' ? '' : `: ${why}`}`;
    });
  }, TAGS);

for (const theme of ['light', 'dark']) {
  test(`every page can be used by everybody: ${theme}`, async () => {
    const { page, context } = await signIn(browser, 'admin', { colorScheme: theme });
    const wrong = [];
    for (const [name, path] of Object.entries(paths)) {
      await open(page, path);
      // Put in by the debugger, which the policy of the pages does not bind.
      await page.evaluate(AXE);
      wrong.push(...(await violations(page)).map((line) => `${name}: ${line}`));
    }
    assert.equal(wrong.join('\n'), '');
    await context.close();
  });
}

test('so can the door', async () => {
  const page = await browser.newPage();
  await page.goto(web);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.evaluate(AXE);
  assert.equal((await violations(page)).join('\n'), '');
  await page.close();
});

test('so can dialogs', async () => {
  const { page, context } = await signIn(browser, 'admin');
  await open(page, '/services');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.evaluate(AXE);
  assert.equal((await violations(page)).join('\n'), '');
  await context.close();
});
