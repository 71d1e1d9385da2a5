// How one moves: roles, keys, the range, the theme, the reveal, the session's end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, credentials, exported, launch, open, settled, signIn, watch, web } from './browser.mjs';
import { subjects } from './subjects.mjs';

let browser;
let paths;
const PLACES = {
  agent: ['Overview', 'Customer lookup', 'Services', 'Service map', 'Metrics', 'Traces', 'Portfolios', 'Assets'],
  sre: [
    'Overview',
    'Customer lookup',
    'Alerts',
    'Services',
    'Service map',
    'Metrics',
    'Traces',
    'Logs',
    'SLOs',
    'Probes',
    'Delivery',
    'Forecast and plan',
    'Capacity',
    'Portfolios',
    'Assets',
    'Reports',
    'Ingest',
  ],
  analyst: [
    'Overview',
    'Services',
    'Service map',
    'Metrics',
    'SLOs',
    'Probes',
    'Delivery',
    'Forecast and plan',
    'Capacity',
    'Portfolios',
    'Assets',
    'SQL',
  ],
  lead: [
    'Overview',
    'Alerts',
    'Services',
    'Service map',
    'Metrics',
    'SLOs',
    'Probes',
    'Delivery',
    'Forecast and plan',
    'Capacity',
    'Portfolios',
    'Assets',
    'SQL',
    'Reports',
  ],
};

before(async () => {
  browser = await launch();
  paths = await subjects(ask);
});
after(() => browser?.close());

test('a wrong password is refused in words', async () => {
  const page = await browser.newPage();
  await page.goto(web);
  await page.getByLabel('User').fill(credentials.sre.user);
  await page.getByLabel('Password').fill('not it');
  await page.getByRole('button', { name: 'Sign in' }).click();
  assert.ok((await page.getByRole('alert').innerText()).length > 10);
  await page.close();
});

for (const [role, places] of Object.entries(PLACES)) {
  test(`${role}: every page of the navigation opens, and no other is offered`, async () => {
    const { page, context, faults } = await signIn(browser, role);
    const nav = page.getByRole('navigation', { name: 'Pages' });
    assert.deepEqual(await nav.getByRole('link').allInnerTexts(), places);
    for (const place of places) {
      await nav.getByRole('link', { name: place, exact: true }).click();
      await page.locator('[data-testid=sentence]').waitFor();
      await settled(page);
      assert.equal(await page.getByText('could not be').count(), 0, place);
    }
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('keys: g and a letter goes, / finds, ? helps, Esc closes', async () => {
  const { page, context, faults } = await signIn(browser, 'sre');
  await settled(page);
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.waitForURL('**/services*');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  const customer = new URL(paths.lookup, web).searchParams.get('q');
  await page.keyboard.type(customer);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/lookup?*');
  assert.equal(new URL(page.url()).searchParams.get('q'), customer);
  await settled(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the range is in the address, follows links, and a brush sets it', async () => {
  const { page, context, faults } = await signIn(browser, 'sre');
  await open(page, paths.service);
  await page.getByTestId('range').getByRole('button', { name: '6h', exact: true }).click();
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get('from'), 'now-6h');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Services' }).click();
  assert.equal(new URL(page.url()).searchParams.get('from'), 'now-6h');
  await page.goBack();
  await settled(page);
  const plot = page.locator('[data-chart="Calls"] .u-over');
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + 40, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(() => /Z$/.test(new URL(location.href).searchParams.get('to') ?? ''));
  const { searchParams } = new URL(page.url());
  const length = Date.parse(searchParams.get('to')) - Date.parse(searchParams.get('from'));
  assert.ok(Math.abs(length - 5_400_000) < 240_000, `a quarter of six hours, not ${length / 60_000} min`);
  await settled(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test('one cursor on all charts of a page; a chart opens as a table with the API\u2019s points', async () => {
  const { page, context, faults } = await signIn(browser, 'sre');
  await open(page, paths.service);
  const box = await page.locator('[data-chart="Calls"] .u-over').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 30);
  const tips = page.locator('.tip.on');
  assert.ok((await tips.count()) >= 3, 'the other charts read the same moment');
  const heads = await tips.locator('.quiet').allInnerTexts();
  assert.equal(new Set(heads).size, 1, `all tips tell one time, not ${heads}`);
  const chart = page.locator('[data-chart="Latency"]');
  await chart.getByRole('button', { name: 'Table' }).click();
  await chart.locator('tbody tr').nth(10).waitFor();
  const { name } = await exported(page, chart, 'csv');
  assert.match(name, /^headroom-services-[a-z0-9-]+-latency-\d{8}t\d{4}z-\d{8}t\d{4}z\.csv$/);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the theme can be chosen and stays', async () => {
  const { page, context } = await signIn(browser, 'sre');
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), 'light');
  await page.getByTestId('theme').click();
  await page.getByTestId('theme').click();
  assert.equal(await theme(), 'dark');
  await page.reload();
  await page.getByTestId('theme').waitFor();
  assert.equal(await theme(), 'dark');
  await context.close();
});

test('an agent reveals with a reason; the answer goes when hidden', async () => {
  const { page, context, faults } = await signIn(browser, 'agent');
  await open(page, paths.lookup);
  const card = page.getByTestId('customer');
  const masked = await card.innerText();
  await card.getByRole('button', { name: /Reveal/ }).click();
  const go = page.getByRole('dialog').getByRole('button', { name: 'Reveal' });
  await page.getByRole('dialog').getByRole('textbox').fill('short');
  assert.ok(await go.isDisabled());
  await page.getByRole('dialog').getByRole('textbox').fill('browser test: the caller asks for the address on file');
  await go.click();
  await card.getByText('Shown in clear').waitFor();
  assert.notEqual(await card.innerText(), masked);
  await card.getByRole('button', { name: 'Hide now' }).click();
  assert.equal(await card.innerText(), masked);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a trace and a page that do not exist say so', async () => {
  const { page, context } = await signIn(browser, 'sre');
  await open(page, `/traces/${'0'.repeat(31)}1`);
  assert.match(await page.getByTestId('sentence').innerText(), /cannot be shown/);
  assert.ok((await page.getByRole('alert').innerText()).length > 10);
  await open(page, '/nowhere');
  assert.match(await page.getByTestId('sentence').innerText(), /no page/);
  await context.close();
});

test('signing out ends the session', async () => {
  const { page, context } = await signIn(browser, 'analyst');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  const answer = await page.request.get(new URL('/api/v1/session', web).href);
  assert.equal(answer.status(), 401);
  watch(page);
  await context.close();
});
