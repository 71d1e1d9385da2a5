// The page for questions in SQL: everything on it by keyboard or by name, against what the API answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { exported, launch, open, send, settled, signIn } from './browser.mjs';

let browser;
let page;
let faults;

before(async () => {
  browser = await launch();
  const session = await signIn(browser, 'analyst', { permissions: ['clipboard-read', 'clipboard-write'] });
  ({ page, faults } = session);
});
after(() => browser?.close());
afterEach(() => {
  assert.deepEqual(faults.splice(0), []);
});

const editor = () => page.getByLabel('SQL', { exact: true });
const button = (name) => page.getByRole('button', { name, exact: true });
const result = () => page.getByRole('table', { name: 'Result' });
const sentence = () => page.getByTestId('sentence').textContent();
const statement = () => new URL(page.url()).searchParams.get('sql');

async function start(path = '/sql') {
  await open(page, path);
  await editor().waitFor();
}

/** Puts a statement in the place of what is written, as one pastes it. */
async function write(sql) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), sql);
  await editor().press('Control+a');
  await page.keyboard.press(sql === '' ? 'Delete' : 'Control+v');
}

/** Writes a statement and runs it by keyboard. */
async function run(sql) {
  await write(sql);
  const answered = page.waitForResponse(
    (response) => response.url().endsWith('/api/v1/sql') && response.request().postDataJSON().sql === sql,
  );
  await page.keyboard.press('Control+Enter');
  await answered;
  await settled(page);
}

async function api(sql) {
  const response = await send('analyst', '/sql', { sql });
  return response.json();
}

async function downloaded(click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

/** A refusal that is meant is the only thing that went wrong. */
function forgive(status) {
  assert.ok(faults.length > 0 && faults.every((fault) => fault.includes(status)), faults.join('\n'));
  faults.length = 0;
}

test('a statement runs by keyboard, and its answer is what the API says', async () => {
  await start();
  const sql =
    'SELECT name, count(*) AS n, 0.10 AS share, 9007199254740993 AS big FROM events GROUP BY name ORDER BY name';
  await run(sql);
  const { rows } = await api(sql);
  assert.equal(statement(), sql);
  assert.equal(await sentence(), `The answer has ${rows.length} row${rows.length === 1 ? '' : 's'}.`);
  const cells = await result()
    .locator('tbody tr')
    .evaluateAll((lines) => lines.map((line) => [...line.cells].map((cell) => cell.textContent)));
  assert.deepEqual(
    cells.map(([name, , , big]) => [name, big]),
    rows.map(([name]) => [name, '9007199254740993']),
  );
  assert.equal(await result().locator('thead th').nth(1).getAttribute('class'), 'num');
});

test('names are completed by keyboard, and Escape leaves the editor', async () => {
  await start();
  // Typing over several lines is part of it.
  await editor().press('Control+a');
  await editor().pressSequentially('select * from span');
  const list = page.getByRole('listbox', { name: 'Completions' });
  await list.getByRole('option', { name: 'spans view' }).waitFor();
  // What appears while one types is not taken by the next key at once.
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  await editor().pressSequentially(' s where s.dur');
  await list.getByRole('option', { name: 'duration_ns numeric(20,0)' }).waitFor();
  await page.getByText('how long it took, in nanoseconds').waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  assert.equal(await editor().textContent(), 'select * from spans s where s.duration_ns');
  // The first Escape is for the list.
  await page.keyboard.type(' and k');
  await list.waitFor();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Run');
});

test('letters of the editor are no keys of the page', async () => {
  await start();
  await write('');
  await editor().pressSequentially('go/ g o?');
  assert.equal(await editor().textContent(), 'go/ g o?');
  assert.match(page.url(), /\/sql/);
});

test('a refusal says what and where', async () => {
  await start();
  await run('select service,\n  count(*) frm spans x');
  await page.getByRole('alert').getByText('Line: 2').waitFor();
  assert.equal(await page.locator('.cm-wrong-line').textContent(), '  count(*) frm spans x');
  assert.equal(await page.locator('.cm-wrong-word').textContent(), 'spans');
  await editor().press('End');
  await page.keyboard.type(' ');
  assert.equal(await page.locator('.cm-wrong-line').count(), 0);
  forgive('400');
  // The same place is marked when the plan is asked for.
  await button('Explain').click();
  await page.locator('.cm-wrong-word').getByText('spans').waitFor();
  forgive('400');
  await run('select nothing from spans');
  await page.getByRole('alert').getByText('Available columns: ts').waitFor();
  forgive('400');
});

test('a running statement can be given up', async () => {
  await start();
  const slow = (route) => {
    if (!route.request().postData().includes('never')) void route.continue();
  };
  await page.route('**/api/v1/sql', slow);
  await write("select 'never' as n");
  await page.keyboard.press('Control+Enter');
  await button('Cancel').click();
  await button('Run').waitFor();
  assert.equal(await sentence(), 'The query was cancelled.');
  await page.unroute('**/api/v1/sql', slow);
  await run('select 1 as one');
  assert.equal(await sentence(), 'The answer has 1 row.');
});

test('a long answer comes in pages, and says when it is cut', async () => {
  await start('/sql?rows=10000');
  await run('select a.value + 1000 * b.value as n from generate_series(0, 999) a cross join generate_series(0, 10) b');
  assert.equal(await sentence(), 'The answer has more than 10,000 rows.');
  await page.getByText('There are more rows').waitFor();
  const pages = page.getByRole('navigation', { name: 'Pages of the result' });
  assert.equal(await pages.getByRole('status').textContent(), 'Rows 1 to 500 of 10,000');
  await pages.getByRole('button', { name: 'Next' }).click();
  assert.equal(await pages.getByRole('status').textContent(), 'Rows 501 to 1,000 of 10,000');
  const { name, text } = await downloaded(() => button('Download CSV').click());
  assert.equal(name, 'query-first-10000-rows.csv');
  assert.equal(text.trim().split('\r\n').length, 10_001);
});

test('an answer is charted and leaves as a file', async () => {
  await start();
  await run("select * from (values ('a', 2.50, 1), ('b', 1.25, 2)) as t(name, amount, n)");
  await page.getByRole('group', { name: 'Look of the answer' }).getByRole('button', { name: 'Chart' }).click();
  const bars = page.getByRole('list', { name: 'amount by name' });
  assert.deepEqual(await bars.getByRole('listitem').allTextContents(), ['a2.5', 'b1.25']);
  await page.getByRole('group', { name: 'Column of the bars' }).getByRole('button', { name: 'n', exact: true }).click();
  assert.equal(await page.getByRole('list', { name: 'n by name' }).getByRole('listitem').count(), 2);
  await run(
    "select * from (values (timestamp '2026-01-01T01:00:00', 1), (timestamp '2026-01-01T02:00:00', 2)) as x(t, v)",
  );
  await page.getByRole('application', { name: /^v: last 2, lowest 1, highest 2/ }).waitFor();
  const chart = await exported(page, page.locator('figure.chart'), 'csv');
  assert.equal(chart.name, 'headroom-sql-v.csv');
  assert.match(chart.bytes.toString(), /^time \(UTC\),v\r\n2026-01-01T01:00:00\.000Z,1\r\n/);
  const { name, text } = await downloaded(() => button('Download JSON').click());
  assert.equal(name, 'query.json');
  assert.equal(JSON.parse(text).rows.length, 2);
});

test('a plan shows what is sent to the store', async () => {
  await start();
  await write("select service, count(*) from spans where ts > now() - interval '1 hour' group by service");
  await button('Explain').click();
  await page.getByRole('heading', { name: 'Sent to the store for spans' }).waitFor();
  const [sent, asked, run_] = await page.locator('pre.plan').allTextContents();
  assert.match(sent, /^SELECT [^]*\nFROM [^]*\n {2}AND t\.`ts` > /);
  assert.match(asked, /TableScan: spans/);
  assert.match(run_, /ScanExec: view=spans/);
  assert.doesNotMatch(run_, /sql=/);
});

test('what was run is remembered, and what is saved has a name', async () => {
  await start('/sql?panel=history');
  await run('select 41 as first');
  await run('select 42 as second');
  const history = page.getByRole('list', { name: 'History' });
  assert.deepEqual((await history.locator('pre').allTextContents()).slice(0, 2), [
    'select 42 as second',
    'select 41 as first',
  ]);
  assert.match(await history.getByRole('listitem').first().textContent(), /1 row in \d/);
  await history.getByRole('button', { name: 'Run: select 41 as first' }).click();
  await result().getByText('41').waitFor();
  await history.getByRole('button', { name: 'Remove: select 42 as second' }).click();
  assert.equal(await history.getByText('select 42').count(), 0);
  // It is there after the page was left, and gone when it is cleared.
  await start('/sql?panel=history');
  assert.equal(await history.locator('pre').first().textContent(), 'select 41 as first');
  await button('Clear').click();
  await page.getByText('Nothing was run in this browser yet.').waitFor();

  await button('Saved').click();
  await write('select 7 as lucky');
  await button('Save').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Lucky');
  await page.keyboard.press('Enter');
  const saved = page.getByRole('list', { name: 'Saved' });
  await saved.getByText('select 7 as lucky').waitFor();
  const { name, text } = await downloaded(() => button('Export as .sql').click());
  assert.deepEqual([name, text], ['headroom-queries.sql', '-- name: Lucky\nselect 7 as lucky;\n']);
  await saved.getByRole('button', { name: 'Remove: Lucky' }).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button('Import a .sql file').click()]);
  await chooser.setFiles({ name: 'queries.sql', mimeType: 'application/sql', buffer: Buffer.from(text) });
  await saved.getByRole('button', { name: 'Run: Lucky' }).click();
  await result().getByText('7').waitFor();
});

test('a statement is a link', async () => {
  await start('/sql?panel=saved');
  await write('select 5\n  as five');
  await button('Copy link').click();
  await page.getByText('The link is copied.').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(new URL(link).searchParams.get('panel'), null);
  await start(link);
  assert.equal(
    await page
      .locator('.cm-line')
      .allTextContents()
      .then((lines) => lines.join('\n')),
    'select 5\n  as five',
  );
  await button('Run').click();
  await result().getByText('5').waitFor();
});

test('views are found and written into the statement, each with its words', async () => {
  await start();
  const views = page.getByRole('list', { name: 'Views', exact: true });
  const { rows } = await api(
    "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'",
  );
  assert.equal(await views.locator('> li').count(), rows.length);
  // The documentation, from which the words are, must have them all.
  for (const toggle of await views.getByRole('button', { name: /^Columns of/ }).all()) await toggle.click();
  const silent = await views
    .locator('li')
    .evaluateAll((items) =>
      items
        .filter((item) => !item.querySelector(':scope > span.quiet:not(.mono)')?.textContent)
        .map((item) => item.textContent),
    );
  assert.deepEqual(silent, []);
  await page.getByLabel('Filter views and columns').fill('trading venue');
  await page.getByText('No view or column has that').waitFor();
  await write('select ');
  await page.getByLabel('Filter views and columns').fill('severity_text');
  await views.getByRole('button', { name: 'severity_text', exact: true }).press('Enter');
  await page.keyboard.type(' from ');
  await views.getByRole('button', { name: 'logs', exact: true }).click();
  assert.equal(await editor().textContent(), 'select severity_text from logs');
});

test('every example has an answer', async () => {
  await start('/sql?panel=examples');
  const examples = page.getByRole('list', { name: 'Examples' }).getByRole('button', { name: /^Run: / });
  const count = await examples.count();
  assert.ok(count >= 8);
  for (let i = 0; i < count; i += 1) {
    const [response] = await Promise.all([
      page.waitForResponse((one) => one.url().endsWith('/api/v1/sql')),
      examples.nth(i).click(),
    ]);
    assert.equal(response.status(), 200, await examples.nth(i).getAttribute('aria-label'));
    await settled(page);
    assert.match(await sentence(), /^The answer has \d+ rows?\.$/);
  }
});

test('it fits a telephone', async () => {
  await page.setViewportSize({ width: 320, height: 700 });
  await start();
  await run('select * from services limit 3');
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
});
