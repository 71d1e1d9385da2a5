// Portfolios, their performance, those of a client, and all of them together, against what the API answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launch, open, reading, settled, signIn } from './browser.mjs';
import { subjects } from './subjects.mjs';

let browser;
let paths;
let session;
const query = (params) => new URLSearchParams(params).toString();
const plain = (value) => value.replace(/[\u00a0\u202f\u2007\u2008]/g, ' ');
const text = (locator) => locator.innerText().then(plain);
const sentence = () => text(session.page.getByTestId('sentence'));
const chart = (title) => session.page.locator(`[data-chart="${title}"]`);
const table = (name) => session.page.getByRole('table', { name, exact: true });
const rows = (name) => table(name).locator('tbody tr');
const cells = (name) =>
  rows(name).evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
const idOf = (path) => decodeURIComponent(path.split('?')[0].split('/').at(-1));
const address = () => new URL(session.page.url()).searchParams;

/** "1234.567" as the pages write it: grouped, with two decimals, half away from zero. */
function money(exact) {
  const [whole, fraction = ''] = exact.replace('-', '').split('.');
  const digits = BigInt(whole + fraction.padEnd(3, '0').slice(0, 2)) + (fraction.padEnd(3, '0')[2] >= '5' ? 1n : 0n);
  const shown = digits.toString().padStart(3, '0');
  const grouped = shown.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${exact.startsWith('-') && digits > 0n ? '\u2212' : ''}${grouped}.${shown.slice(-2)}`;
}
/** A figure's value and note, by its label. */
const figure = (label) =>
  session.page
    .locator('.figure')
    .filter({ has: session.page.getByText(label, { exact: true }) })
    .first()
    .locator('dd')
    .allInnerTexts()
    .then((all) => all.map(plain));
async function isTold(label, exact) {
  const [value, note = ''] = await figure(label);
  if (exact === null) {
    assert.equal(value, 'not known', label);
    assert.ok(note.length > 8, `${label} says why`);
  } else assert.equal(value.replace('+', ''), money(exact), label);
}

before(async () => {
  browser = await launch();
  paths = await subjects(ask);
  session = await signIn(browser, 'analyst');
});
after(() => browser?.close());

describe('a portfolio', () => {
  /** The portfolio and its performance as of a moment: as of now, both are read anew and figures move between looks. */
  const both = async (params) => {
    const id = idOf(paths.portfolio);
    await session.page.goto('about:blank');
    const performance = session.page.waitForResponse((response) => response.url().includes('/performance'));
    const read = await reading(session.page, `${paths.portfolio}?${query(params)}`, `/portfolios/${id}`);
    const heard = await performance;
    return { ...read, made: await heard.json(), madeOf: Object.fromEntries(new URL(heard.url()).searchParams) };
  };

  const moment = () => new Date(Date.now() - 60_000).toISOString();

  test('is worth what the API says, to the digit', async () => {
    const as_of = moment();
    const { body, asked } = await both({ as_of });
    assert.deepEqual(asked, { as_of });
    if (body.totals.value === null) assert.match(await sentence(), /cannot be valued in full/);
    else assert.ok((await sentence()).includes(`is worth ${money(body.totals.value)} ${body.base_currency}`));
    await isTold('Unrealised', body.totals.unrealised);
    await isTold('Interest', body.totals.interest);
    await isTold('Taxes', body.totals.taxes);
    assert.deepEqual(
      (await cells('Accounts')).map(([currency]) => currency),
      body.accounts.map(({ currency }) => currency),
    );
    for (const reason of body.unavailable)
      assert.ok((await session.page.locator('.note-line.amber').allTextContents()).join(' ').includes(reason.slice(1)));
    if (body.allocations !== null)
      for (const { by, parts } of body.allocations) {
        const name = by.replaceAll('_', ' ');
        await session.page
          .getByRole('group', { name: 'Allocation by' })
          .getByRole('button', { name, exact: true })
          .click();
        assert.equal(address().get('by'), by);
        assert.deepEqual(
          (await cells('Allocation')).map(([part]) => part).sort(),
          parts.map((part) => part.name).sort(),
        );
      }
  });

  test('made what the API says, or says why that is not known', async () => {
    const as_of = moment();
    const { made, madeOf } = await both({ period: '1m', as_of });
    const { from, ...rest } = madeOf;
    assert.deepEqual(rest, { to: as_of.slice(0, 10) });
    assert.match(from, /^\d{4}-\d{2}-\d{2}$/);
    for (const [label, key] of [
      ['At the start', 'start_value'],
      ['Paid in', 'inflows'],
      ['Taken out', 'outflows'],
      ['Gain', 'gain'],
      ['At the end', 'end_value'],
    ])
      await isTold(label, made[key]);
    const returns = await cells('Returns');
    const told = [made.time_weighted.total, made.money_weighted.total, made.modified_dietz.total];
    returns.forEach(([name, value, , how], i) => {
      if (told[i] === null) assert.ok(value === '\u2013' && how.startsWith('Not known: '), name);
      else {
        const shown = Number(plain(value).replace('\u2212', '-').replace('+', '').replace(' %', ''));
        assert.ok(Math.abs(shown - told[i] * 100) <= 0.051, `${name}: ${value} is not ${told[i]}`);
      }
    });
    const risk = await cells('Risk');
    assert.equal(risk.length, 10);
    for (const [name, value, how] of risk)
      assert.ok(value === '\u2013' ? how.startsWith('Not known: ') : how !== '', name);
    if (made.risk.volatility !== null) assert.match(risk[0][2], /a year$/);
    if (made.contributions !== null) assert.equal(await rows('Contributions').count(), made.contributions.length);
    for (const title of made.index.length > 0 ? ['Value', 'Flows', 'Index', 'Drawdown'] : [])
      await chart(title).locator('canvas').waitFor();
  });

  test('periods, currency and lots are in the address and go to the API', async () => {
    await open(session.page, paths.portfolio);
    const period = session.page.getByRole('group', { name: 'Period' });
    const ytd = session.page.waitForResponse((response) => /performance\?from=\d{4}-12-31$/.test(response.url()));
    await period.getByRole('button', { name: 'YTD' }).click();
    await ytd;
    assert.equal(address().get('period'), 'ytd');
    const free = session.page.waitForResponse((response) => response.url().includes('/performance?'));
    // Until today: of a portfolio that was opened today nothing is known yesterday.
    const [from, to] = [30, 0].map((days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10));
    await session.page.getByLabel('From').fill(from);
    await session.page.getByLabel('to', { exact: true }).fill(to);
    await session.page.getByRole('button', { name: 'Show' }).click();
    assert.deepEqual(Object.fromEntries(new URL((await free).url()).searchParams), { from, to });
    assert.deepEqual([address().get('from'), address().get('to'), address().get('period')], [from, to, null]);
    assert.equal(await period.locator('[aria-pressed=true]').count(), 0);
    const heard = session.page.waitForResponse((response) => response.url().includes('base=EUR'));
    await session.page.getByLabel('Currency').selectOption('EUR');
    await heard;
    const lots = session.page.waitForResponse((response) => /method=lifo/.test(response.url()));
    await session.page.getByLabel('Lots').selectOption('lifo');
    await lots;
    assert.deepEqual([address().get('base'), address().get('method')], ['EUR', 'lifo']);
    await settled(session.page);
    await session.page.reload();
    await settled(session.page);
    assert.equal(await session.page.getByLabel('Lots').inputValue(), 'lifo');
    assert.equal(await session.page.getByLabel('From').inputValue(), from);
  });

  test('stands beside a benchmark', async () => {
    await open(session.page, paths.portfolio);
    const { positions } = await ask('analyst', `/portfolios/${encodeURIComponent(idOf(paths.portfolio))}`);
    const { symbol } = positions[0];
    const heard = session.page.waitForResponse((response) => response.url().includes('benchmark='));
    await session.page.getByLabel('Benchmark symbol').fill(symbol);
    await session.page.keyboard.press('Enter');
    const { benchmark } = await (await heard).json();
    await table('Benchmark').waitFor();
    const shown = await cells('Benchmark');
    assert.deepEqual(
      shown.map(([name]) => name),
      ['Portfolio', 'Benchmark', 'Active return', 'Beta', 'Alpha', 'Up capture', 'Down capture', 'Capture ratio'],
    );
    const beta = shown[3];
    if (benchmark.beta === null) assert.match(beta[2], /^Not known: /);
    else assert.equal(beta[1].replace('\u2212', '-'), benchmark.beta.beta.toFixed(2));
    assert.equal(address().get('benchmark'), symbol);
  });

  test('is attributed beside a model portfolio', async () => {
    await open(session.page, paths.portfolio);
    const own = idOf(paths.portfolio);
    const { portfolios } = await ask('analyst', '/portfolios');
    const other = portfolios.find(({ id }) => id !== own).id;
    const heard = session.page.waitForResponse((response) => response.url().includes('benchmark_portfolio='));
    await session.page.getByLabel('Benchmark portfolio').fill(other);
    await session.page.keyboard.press('Enter');
    const { attribution, unavailable } = await (await heard).json();
    assert.equal(address().get('benchmark_portfolio'), other);
    if (attribution === null) {
      const { reason } = unavailable.attribution;
      await session.page.getByText(reason).first().waitFor();
      return;
    }
    await table('Attribution').waitFor();
    const shown = await cells('Attribution');
    assert.equal(shown.length, attribution.segments.length + 1);
    await session.page.getByRole('group', { name: 'Attribution by' }).getByRole('button', { name: 'symbol' }).click();
    assert.equal(address().get('attribute_by'), 'symbol');
  });

  test('leaves as CSV and Parquet, and a chart as a table with all its digits', async () => {
    const as_of = moment();
    const { made } = await both({ as_of });
    for (const [name, end] of [
      ['CSV', 'csv'],
      ['Parquet', 'parquet'],
    ]) {
      const link = session.page.getByRole('region', { name: 'Positions' }).getByRole('link', { name, exact: true });
      assert.match(await link.getAttribute('href'), new RegExp(`/positions\\?as_of=[^&]+&format=${end}$`));
      const download = session.page.waitForEvent('download');
      await link.click();
      assert.match((await download).suggestedFilename(), new RegExp(`\\.${end}$`));
    }
    if (made.index.length > 0) {
      await chart('Value').getByRole('button', { name: 'Table' }).click();
      assert.equal(await rows('Value').count(), made.index.length);
      const last = made.index.at(-1).value;
      if (last !== null) assert.equal((await cells('Value')).at(-1)[1], money(last));
    }
  });
});

test('days are the same for every reader, and a brush takes whole ones', async () => {
  const { page, context, faults } = await signIn(browser, 'analyst', { timezoneId: 'America/New_York' });
  const id = idOf(paths.portfolio);
  const { body } = await reading(page, paths.portfolio, `/portfolios/${id}/performance`);
  const index = page.locator('[data-chart="Index"]');
  if (body.index.length > 3) {
    const { x, y, width } = await index.locator('.u-over').boundingBox();
    await page.mouse.move(x + width * 0.2, y + 40);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.8, y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=/);
    for (const end of ['from', 'to'])
      assert.match(new URL(page.url()).searchParams.get(end), /^\d{4}-\d{2}-\d{2}T00:00:00\.000Z$/);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get('from'), null);
  }
  await index.getByRole('button', { name: 'Table' }).click();
  const days = await page.getByRole('table', { name: 'Index', exact: true }).locator('td:first-child').allInnerTexts();
  const told = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  assert.deepEqual(
    days,
    body.index.map(({ date }) => told.format(new Date(date))),
  );
  assert.deepEqual(faults, []);
  await context.close();
});

test('a client: portfolios each and together, and back to one', async () => {
  const id = idOf(paths.client);
  const { body } = await reading(session.page, paths.client, `/clients/${id}/portfolios`);
  const count = body.portfolios.length;
  assert.ok((await sentence()).startsWith(`Client ${id} has ${count} portfolio`));
  if (body.value !== null) assert.ok((await sentence()).includes(`worth ${money(body.value)} ${body.base_currency}`));
  else await isTold('Known value', body.known_value);
  assert.deepEqual(
    (await cells('Portfolios')).map(([portfolio]) => portfolio),
    body.portfolios.map((one) => one.portfolio_id),
  );
  await session.page.getByTestId('performance').waitFor();
  await table('Portfolios').getByRole('link').first().click();
  await settled(session.page);
  assert.match(await sentence(), new RegExp(`^Portfolio ${body.portfolios[0].portfolio_id} `));
  await session.page.getByRole('link', { name: `All portfolios of client ${id}` }).click();
  await settled(session.page);
  assert.match(await sentence(), new RegExp(`^Client ${id} `));
});

describe('assets', () => {
  test('are what the API says', async () => {
    const { body, asked } = await reading(session.page, '/assets', '/assets');
    assert.deepEqual(Object.keys(asked), ['from']);
    const last = body.days.at(-1);
    await isTold('Assets under management', last.value);
    if (last.value === null) {
      await isTold('Of which known', last.known_value);
      assert.match(await text(session.page.locator('.note-line.amber').first()), /What is known comes to/);
    } else assert.ok((await sentence()).includes(`${money(last.value)} ${body.base_currency}`));
    await isTold('Net flow', body.period.net_flow);
    await isTold('Income', body.period.income);
    await isTold('Fees', body.period.fees);
    const [active] = await figure('Active portfolios');
    assert.equal(active.replaceAll(',', ''), `${body.period.active_portfolios} of ${body.period.portfolios}`);
    assert.match(
      await text(session.page.getByTestId('freshness')),
      body.complete_until === null ? /^No booking is in yet$/ : /^Complete up to .*\d\d:\d\d:\d\d$/,
    );
    assert.equal(await rows('Positions').count(), Math.min(50, body.positions.length));
    assert.equal(await rows('Cohorts').count(), body.cohorts.length);
    for (const title of ['Assets under management', 'Flows', 'Income and fees'])
      await chart(title).locator('canvas').waitFor();
    await chart('Flows').getByRole('button', { name: 'Table' }).click();
    assert.equal(await rows('Flows').count(), body.days.length);
  });

  test('a cohort narrows the page, and all of them come back', async () => {
    const { body } = await reading(session.page, '/assets', '/assets');
    const month = body.cohorts.at(-1).month.slice(0, 7);
    const heard = session.page.waitForResponse((response) => response.url().includes('cohort='));
    await table('Cohorts').getByRole('link').last().click();
    const narrowed = await (await heard).json();
    await settled(session.page);
    assert.equal(address().get('cohort'), month);
    assert.equal(await rows('Cohorts').count(), narrowed.cohorts.length);
    assert.match(await sentence(), / begun in /);
    await session.page.getByRole('link', { name: 'All cohorts' }).click();
    await settled(session.page);
    assert.equal(address().get('cohort'), null);
  });

  test('are reached from the portfolios, and by g m', async () => {
    await open(session.page, '/portfolios');
    await session.page.getByRole('link', { name: 'What all of them hold together' }).click();
    await settled(session.page);
    assert.equal(new URL(session.page.url()).pathname, '/assets');
    await open(session.page, '/overview');
    await session.page.keyboard.press('g');
    await session.page.keyboard.press('m');
    await settled(session.page);
    assert.equal(new URL(session.page.url()).pathname, '/assets');
  });
});

test('nothing went wrong on the console or the wire', () => assert.deepEqual(session.faults, []));

test('what is not there, and a server that fails, are told in words', async () => {
  const { page, context } = await signIn(browser, 'analyst');
  const first = () => page.getByTestId('sentence').innerText();
  await open(page, '/portfolios/no-such-portfolio');
  assert.match(await first(), /cannot be shown/);
  await page.getByText('check its number, or ask for a later moment', { exact: false }).first().waitFor();
  await page.route('**/api/v1/assets?*', (route) => route.fulfill({ status: 500, body: '{}' }));
  await open(page, '/assets');
  assert.match(await first(), /could not be read/);
  await page.unroute('**/api/v1/assets?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('[data-chart="Flows"] canvas').waitFor();
  await context.close();
});
