// How services are delivered: the page of all, and the tab of one, against what the API answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launch, open, reading, send, settled, signIn } from './browser.mjs';
import { seg } from './subjects.mjs';

let browser;
let session;
const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');
const text = (locator) => locator.innerText().then(plain);
const rows = (name) => session.page.getByRole('table', { name, exact: true }).locator('tbody tr');
const param = (name) => new URL(session.page.url()).searchParams.get(name);
const FIGURES = ['change_fail_rate', 'recovery_seconds', 'rework_rate', 'lead_time_seconds'];
const SERVICE = 'delivery-test';

/** Tells a deployment as a job does; under its id it counts once. */
async function tell(version, status, minutesAgo, more = {}) {
  const at = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
  const response = await send('ingest', '/deployments', {
    service: SERVICE,
    version,
    status,
    at: at(minutesAgo),
    url: `https://ci.example.com/${version}`,
    commits: [{ id: 'a1', at: at(minutesAgo + 120) }],
    ...more,
  });
  assert.equal(response.status, 202, await response.text());
}

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'analyst');
});
after(() => browser?.close());

describe('delivery', () => {
  test('of one that failed and was mended: measures, and each deployment', async () => {
    await tell('1.0', 'finished', 300);
    await tell('1.1', 'failed', 200);
    await tell('1.2', 'finished', 170, { reason: 'fix' });
    const own = async () => (await ask('admin', '/delivery')).services.find((one) => one.service === SERVICE);
    for (let i = 0; i < 60 && (await own())?.deployments !== 3; i += 1)
      await new Promise((resolve) => setTimeout(resolve, 500));
    const told = await own();
    assert.deepEqual([told.deployments, told.failed, told.recovery_seconds], [3, 1, 1_800]);
    await open(session.page, `/services/${SERVICE}/delivery`);
    assert.match(
      await text(session.page.getByTestId('sentence')),
      /was deployed 3 times, .+; 1 failed, and 30 min went by/,
    );
    const main = await text(session.page.locator('main'));
    for (const words of ['2 h', '33.3 %', '30 min', '1 of 3 unplanned', 'within a day'])
      assert.ok(main.includes(words), words);
    assert.deepEqual(
      (await rows('Deployments').allInnerTexts()).map((row) => plain(row).split('\t').slice(1).join(' ')),
      [
        '1.2 finished a fix https://ci.example.com/1.2',
        '1.1 failed planned https://ci.example.com/1.1',
        '1.0 finished planned https://ci.example.com/1.0',
      ],
    );
  });

  test('of all: the measures of each that was deployed, why one is not known, and who was not', async () => {
    const { body, asked } = await reading(session.page, '/delivery', '/delivery');
    const days = (Date.parse(asked.to) - Date.parse(asked.from)) / 86_400_000;
    assert.ok(Math.abs(days - 90) < 0.1, `three months, not ${days} days`);
    const some = body.services.filter((one) => one.deployments > 0);
    assert.equal(await rows('Delivery').count(), some.length);
    for (const one of some) {
      const row = await text(rows('Delivery').filter({ has: session.page.getByText(one.service, { exact: true }) }));
      for (const figure of FIGURES.filter((name) => one[name] === null))
        assert.ok(row.includes(one.unknown[figure]), `${one.service}: why ${figure} is not known`);
    }
    const main = await text(session.page.locator('main'));
    for (const one of body.services.filter((row) => row.deployments === 0)) assert.ok(main.includes(one.service));
  });

  test('the range is in the address, and the tab keeps its own', async () => {
    const { page } = session;
    await open(page, '/delivery');
    await page.getByTestId('range').getByRole('button', { name: '30d', exact: true }).click();
    await settled(page);
    assert.equal(param('from'), 'now-30d');
    await rows('Delivery').getByRole('link', { name: SERVICE, exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/services/${seg(SERVICE)}/delivery*`);
    assert.equal(param('from'), 'now-30d');
    const tabs = page.getByRole('navigation', { name: 'Of the service' });
    assert.equal(await text(tabs.locator('[aria-current=page]')), 'Delivery');
    // By keyboard: a page that is read anew between press and release of a mouse has no click.
    await settled(page);
    await tabs.getByRole('link', { name: 'Signals' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(({ pathname }) => pathname === `/services/${seg(SERVICE)}`);
    assert.equal(param('from'), null, 'signals are looked at over hours');
    await settled(page);
  });

  test('nothing went wrong meanwhile', () => assert.deepEqual(session.faults, []));
});

test('an agent is not offered it', async () => {
  const { page, context } = await signIn(browser, 'agent');
  await open(page, '/services/order');
  const tabs = page.getByRole('navigation', { name: 'Of the service' });
  assert.deepEqual(await tabs.getByRole('link').allInnerTexts(), ['Signals', 'Breakdown', 'Compare']);
  await context.close();
});
