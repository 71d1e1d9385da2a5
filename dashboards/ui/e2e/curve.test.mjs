// The capacity curve of a service against what the API answers, its parts, its charts by keyboard, and the ways to it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, exported, launch, open, reading, settled, signIn, watch } from './browser.mjs';
import { subjects } from './subjects.mjs';

let browser;
let path;
let service;
let session;
const range = (() => {
  // Two minutes back: what was on its way has arrived.
  const to = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
  return { from: new Date(to - 7 * 86_400_000).toISOString(), to: new Date(to).toISOString() };
})();
const query = (params) => new URLSearchParams(params).toString();
const text = (locator) => locator.innerText().then((value) => value.replace(/[\u00a0\u202f]/g, ' '));
const sentence = () => text(session.page.getByTestId('sentence'));
const chart = (title) => session.page.locator(`[data-chart="${title}"]`);
const table = (name) => session.page.getByRole('table', { name, exact: true });
const api = () => `/capacity/services/${service}/curve`;

before(async () => {
  browser = await launch();
  path = (await subjects(ask)).curve.split('?')[0];
  service = decodeURIComponent(path.split('/').at(-1));
  session = await signIn(browser, 'sre');
});
after(() => browser?.close());

describe('the capacity curve', () => {
  test('says what the API says', async () => {
    const { body, asked } = await reading(session.page, `${path}?${query(range)}`, api());
    assert.deepEqual(asked, range);
    const told = await sentence();
    const usl = body.usl.verdict !== 'refused';
    const capacity = body.residence.known?.capacity ?? null;
    const some = capacity !== null || body.latency_knee.known || body.usl.peak !== null || body.usl.limit !== null;
    assert.match(told, some ? /carries about .* requests\/s/ : /cannot be told: ./);
    assert.match(told, /seen so far up to/);
    const drawn = (title, cloud) =>
      chart(title).locator(`[data-cloud="${cloud}"]`).getAttribute('data-dots').then(Number);
    assert.equal(await drawn('Throughput', 'steps'), body.points.length);
    assert.equal(await drawn('Latency', 'mean'), body.points.filter((point) => point.mean_ms !== null).length);
    assert.equal(await chart('Throughput').locator('[data-curve]').count(), usl ? 1 : 0);
    assert.equal(await chart('Latency').locator('[data-curve]').count(), capacity !== null ? 1 : 0);
    const rows = await table('Law of scalability').locator('tbody tr').count();
    assert.equal(rows, 7);
    const alpha = await text(table('Law of scalability').locator('tbody tr').first());
    if (usl) assert.ok(alpha.includes(String(Number(body.usl.alpha.toPrecision(4)))), alpha);
    else assert.match(alpha, /Not known/);
    for (const reason of body.usl.reasons)
      assert.ok(
        (await text(session.page.getByRole('region', { name: 'Law of scalability' }))).includes(reason.slice(1)),
      );
  });

  test('a chart opens as a table, leaves as a file, and is read with the arrow keys', async () => {
    const { body } = await reading(session.page, `${path}?${query(range)}`, api());
    const throughput = chart('Throughput');
    await throughput.getByRole('application').focus();
    await session.page.keyboard.press('ArrowRight');
    const first = await throughput.getByRole('status').innerText();
    await session.page.keyboard.press('End');
    const last = await throughput.getByRole('status').innerText();
    assert.match(last, /requests under way/);
    if (body.points.length > 1) assert.notEqual(first, last);
    await throughput.getByRole('button', { name: 'Table' }).click();
    assert.equal(await table('Throughput').locator('tbody tr').count(), body.points.length);
    const { name } = await exported(session.page, chart('Latency'), 'csv');
    assert.match(name, /^headroom-capacity-[a-z0-9-]+-latency-\d{8}t\d{4}z-\d{8}t\d{4}z\.csv$/);
  });

  test('an operation is shown and the whole laid beside it, by links that the address keeps', async () => {
    await open(session.page, `${path}?${query(range)}`);
    const link = table('Operations').locator('tbody tr:nth-child(2) td:first-child a');
    if ((await link.count()) === 0) return;
    const operation = await link.innerText();
    const heard = session.page.waitForResponse((response) => response.url().includes('operation='));
    await link.click();
    assert.equal(new URL((await heard).url()).searchParams.get('operation'), operation);
    await settled(session.page);
    assert.ok((await sentence()).includes(`${operation} of ${service}`));
    await session.page.getByRole('link', { name: 'Compare with All operations' }).click();
    await chart('Throughput').locator(`[data-cloud="steps, all of ${service}"]`).waitFor();
    const { searchParams } = new URL(session.page.url());
    assert.deepEqual(
      ['operation', 'against', 'from'].map((key) => searchParams.get(key)),
      [operation, 'whole', range.from],
    );
    await session.page.reload();
    await settled(session.page);
    await chart('Throughput').locator(`[data-cloud="steps, all of ${service}"]`).waitFor();
    await session.page.getByRole('link', { name: 'Stop comparing with All operations' }).click();
    await chart('Throughput').locator('[data-cloud="steps"]').waitFor();
  });

  test('the service and its walls lead to it', async () => {
    await open(session.page, `/services/${encodeURIComponent(service)}?${query(range)}`);
    await session.page.getByRole('link', { name: 'Capacity curve' }).click();
    await session.page.waitForURL(`**${path}?*`);
    const { body } = await reading(session.page, `/capacity?${query(range)}`, '/capacity/walls');
    if (body.walls.length > 0) {
      const owner = body.walls[0].resource.service;
      await session.page.getByRole('link', { name: `Capacity curve of ${owner}`, exact: true }).click();
      await session.page.waitForURL(`**/capacity/${encodeURIComponent(owner)}?*`);
    }
    await settled(session.page);
  });

  test('nothing went wrong meanwhile', () => assert.deepEqual(session.faults, []));
});

test('a part without requests says what would fill it; a failure says what to try', async () => {
  const { page, context } = await signIn(browser, 'sre');
  await open(page, `${path}?${query({ ...range, version: 'no such version' })}`);
  assert.match(await page.getByTestId('sentence').innerText(), /^No requests to .* in version no such version/);
  await page.getByText('Choose a longer range').waitFor();
  await page.route('**/curve?*', (route) => route.fulfill({ status: 500, body: '{}' }));
  await open(page, `${path}?${query(range)}`);
  assert.match(await page.getByTestId('sentence').innerText(), /could not be read/);
  await page.unroute('**/curve?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await chartsDrawn(page);
  await context.close();
});

const chartsDrawn = (page) => page.locator('[data-chart="Latency"] svg.xy').waitFor();

test('a role without capacity is not led there', async () => {
  const { page, context } = await signIn(browser, 'agent');
  watch(page);
  await open(page, path);
  assert.match(await page.getByTestId('sentence').innerText(), /does not open this page/);
  await open(page, `/services/${encodeURIComponent(service)}`);
  assert.equal(await page.getByRole('link', { name: 'Capacity curve' }).count(), 0);
  await context.close();
});
