// The metrics explorer: found, picked, split and narrowed, with figures as the API has them; all of it in the address.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, launch, open, settled, signIn, web } from './browser.mjs';

let browser;
let session;
const range = {};

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'admin');
  // A day that ends with a whole hour: what is asked twice is answered the same.
  const end = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  range.from = new Date(end - 24 * 3_600_000).toISOString();
  range.to = new Date(end).toISOString();
});
after(() => browser?.close());

const path = (params) => `/explore?${new URLSearchParams({ ...range, ...params })}`;
const at = (name) => new URL(session.page.url()).searchParams.getAll(name);
const field = (label) => session.page.getByRole('combobox', { name: label });
const chart = () => session.page.locator('[data-chart-id=metric]');
const sentence = () => session.page.getByTestId('sentence').innerText();

async function figures() {
  await chart().getByRole('button', { name: 'Table' }).click();
  const rows = await chart()
    .locator('tbody tr')
    .evaluateAll((lines) => lines.map((line) => [...line.cells].map((cell) => cell.textContent)));
  await chart().getByRole('button', { name: 'Chart' }).click();
  return rows;
}

test('a metric is found by a part of its name and picked, and its chart has the figures of the API', async () => {
  const { page, faults } = session;
  await open(page, path({}));
  const { metrics } = await ask('admin', '/metrics', range);
  const names = page.getByRole('table', { name: 'Metrics' }).locator('tbody tr');
  assert.equal(await names.count(), metrics.length);
  await page.getByRole('searchbox', { name: 'Part of a metric' }).fill('SERVER.REQ');
  await page.waitForURL(/q=SERVER/);
  await settled(page);
  const few = metrics.filter(({ name }) => name.includes('server.req'));
  assert.equal(await names.count(), few.length);
  await page.getByRole('button', { name: 'http.server.requests', exact: true }).click();
  await chart().waitFor();
  await settled(page);
  assert.deepEqual(at('metric'), ['http.server.requests']);
  const body = await ask('admin', '/metrics/http.server.requests/series', { ...range, step: 900 });
  assert.equal(body.aggregation, 'rate');
  const told = (await figures()).map(([, value]) => Number(value));
  assert.deepEqual(
    told,
    body.lines[0].points.map(({ value }) => Number(value.toPrecision(4))),
  );
  assert.match(await sentence(), /^Rate of http\.server\.requests is .* request a second/);
  assert.deepEqual(faults, []);
});

test('it is narrowed and split by its labels, by keyboard, and the address keeps all of it', async () => {
  const { page, faults } = session;
  await open(page, path({ metric: 'http.server.requests' }));
  await field('Service').selectOption('gateway');
  await settled(page);
  await field('A line for each').selectOption('cloud.region');
  await settled(page);
  const regions = ['ap-south-1', 'us-east-1'];
  const heads = async () => (await chart().locator('.legend > span').allInnerTexts()).sort();
  assert.deepEqual(await heads(), regions);
  await page.getByRole('button', { name: 'Increase' }).press('Enter');
  await page.waitForURL(/agg=increase/);
  await field('Only where').selectOption('cloud.region');
  await field('is').selectOption(regions[0]);
  await page.waitForURL(/where=/);
  await settled(page);
  assert.deepEqual(
    ['service', 'by', 'agg', 'where'].map((name) => at(name)),
    [['gateway'], ['cloud.region'], ['increase'], [`cloud.region:${regions[0]}`]],
  );
  // Who is given the address sees the same.
  await page.reload();
  await chart().waitFor();
  await settled(page);
  const params = {
    ...range,
    service: 'gateway',
    by: 'cloud.region',
    agg: 'increase',
    where: `cloud.region:${regions[0]}`,
  };
  const body = await ask('admin', '/metrics/http.server.requests/series', { ...params, step: 900 });
  assert.deepEqual(
    body.lines.map(({ label }) => label),
    [regions[0]],
  );
  assert.equal((await figures()).length, body.lines[0].points.length);
  await page.getByRole('button', { name: `Remove cloud.region:${regions[0]}` }).click();
  await settled(page);
  assert.deepEqual(at('where'), []);
  assert.deepEqual(faults, []);
});

test('what is offered follows from the kind, and what makes no sense is refused in a sentence', async () => {
  const { page } = session;
  const offered = () => page.getByRole('group', { name: 'Figure' }).getByRole('button').allInnerTexts();
  await open(page, path({ metric: 'process.cpu.utilization' }));
  assert.deepEqual(await offered(), ['Mean', 'Sum', 'Least', 'Most', 'Time series']);
  await open(page, path({ metric: 'http.server.request.duration' }));
  assert.equal((await offered())[0], 'p99');
  await open(page, path({ metric: 'process.cpu.utilization', agg: 'rate' }));
  await page.getByRole('alert').getByText('there is no rate of it').waitFor();
  session.faults.length = 0;
});

test('a histogram has percentiles and leads to traces, a service to its deploys, traces and logs', async () => {
  const { page, faults } = session;
  await open(page, path({ metric: 'http.server.request.duration', service: 'gateway' }));
  const body = await ask('admin', '/metrics/http.server.request.duration/series', {
    ...{ ...range, service: 'gateway', step: 900 },
  });
  assert.ok(body.lines[0].points.every(({ value, low, high }) => low <= value && (high === null || value <= high)));
  const exemplars = page.getByTestId('exemplars').locator('tbody tr');
  assert.equal(await exemplars.count(), body.exemplars.length);
  assert.ok(body.exemplars.length > 0, 'the sample platform tells exemplars');
  await exemplars.first().getByRole('link').click();
  await page.waitForURL(`**/traces/${body.exemplars[0].trace_id}?**`);
  await page.goBack();
  await settled(page);
  const traces = await page.getByRole('link', { name: 'Its traces in this range' }).getAttribute('href');
  const { searchParams } = new URL(traces, web);
  assert.deepEqual([searchParams.get('service'), searchParams.get('from')], ['gateway', range.from]);
  await page.getByRole('link', { name: 'Its logs in this range' }).click();
  await page.waitForURL('**/logs?**');
  await settled(page);
  assert.equal(new URL(page.url()).searchParams.get('service'), 'gateway');
  assert.deepEqual(faults, []);
});

test('hours without a point are named', async () => {
  const { page } = session;
  const longer = { from: new Date(Date.parse(range.from) - 30 * 86_400_000).toISOString(), to: range.to };
  await open(page, `/explore?${new URLSearchParams({ ...longer, metric: 'process.cpu.utilization' })}`);
  const { hours } = await ask('admin', '/metrics/process.cpu.utilization/series', longer);
  assert.ok(hours.told < hours.all);
  await page.getByText(`${hours.told} of ${hours.all} hours have points. Nothing is stored from `).waitFor();
});

test('who may not see traces is shown no way to them, and no label that names a customer', async () => {
  const { page, context, faults } = await signIn(browser, 'lead');
  await open(page, path({ metric: 'http.server.request.duration', service: 'gateway' }));
  assert.equal(await page.getByTestId('exemplars').count(), 0);
  assert.equal(await page.getByRole('link', { name: 'Its traces in this range' }).count(), 0);
  await page.getByRole('link', { name: 'Its logs in this range, in SQL' }).click();
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText(/^The answer has/).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
