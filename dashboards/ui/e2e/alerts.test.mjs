// Alerts, silences and messages: what the pages say is what the API says, and what is done by keyboard is done.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launch, open, reading, settled, signIn } from './browser.mjs';

let browser;
let session;
const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');
const text = (locator) => locator.innerText().then(plain);
const table = (name) => session.page.getByRole('table', { name, exact: true });
const rows = (name) => table(name).locator('tbody tr');

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'sre');
});
after(() => browser?.close());

describe('alerts', () => {
  test('a line leads to the alert: figures, who is hit, what changed, where to look', async () => {
    const { alerts } = await ask('sre', '/alerts');
    const alert = alerts.find((one) => one.context !== null) ?? alerts[0];
    if (alert === undefined) return;
    await open(session.page, '/alerts');
    await table('Alerts').locator(`a[href^="/alerts/${alert.id}"]`).focus();
    await session.page.keyboard.press('Enter');
    await session.page.waitForURL(`**/alerts/${alert.id}*`);
    await settled(session.page);
    const { body } = await reading(session.page, `/alerts/${alert.id}`, '/alerts');
    const told = body.alerts.find((one) => one.id === alert.id);
    const main = session.page.locator('main');
    assert.equal(
      (await text(session.page.getByTestId('sentence'))).replaceAll(/\s/g, ''),
      told.summary.replaceAll(/\s/g, ''),
    );
    assert.ok((await text(main)).includes(told.severity));
    if (told.threshold !== null) assert.ok((await text(main)).includes(`fires at ${told.threshold.toFixed(1)}`));
    if (told.context === null) return;
    const { customers, changes, differences, dora } = told.context;
    if (customers !== null) assert.ok((await text(main)).includes(customers.hit.toLocaleString('en-US')));
    const others = changes.filter((one) => one.kind !== 'upstream');
    if (others.length > 0) {
      assert.equal(await rows('What changed').count(), others.length);
      assert.ok((await text(table('What changed'))).includes(others[0].what));
    }
    const apart = session.page.getByRole('region', { name: 'What sets failing requests apart' });
    assert.equal(await apart.locator('li').count(), differences.length);
    if (dora !== null) assert.ok((await text(main)).includes(plain(dora.words)));
    assert.equal(
      await session.page
        .getByRole('link', { name: 'Failed requests' })
        .getAttribute('href')
        .then((href) => {
          const { pathname, searchParams } = new URL(href, 'http://x');
          return [pathname, searchParams.get('service'), searchParams.get('status')].join(' ');
        }),
      `/traces ${told.service} error`,
    );
  });

  test('one that nobody took is taken by keyboard', async () => {
    const { alerts } = await ask('sre', '/alerts');
    const open_ = alerts.find((one) => one.state === 'firing' && one.acknowledged_by === null);
    if (open_ === undefined) return;
    await open(session.page, `/alerts/${open_.id}`);
    await session.page.getByRole('button', { name: 'Take it' }).focus();
    await session.page.keyboard.press('Enter');
    await session.page.getByRole('button', { name: 'Take it' }).waitFor({ state: 'detached' });
    const now = (await ask('sre', '/alerts')).alerts.find((one) => one.id === open_.id);
    assert.equal(now.acknowledged_by, 'sre');
  });

  test('one that is not there says so', async () => {
    await open(session.page, '/alerts/0123456789abcdef');
    assert.match(await text(session.page.getByTestId('sentence')), /is not among the newest/);
    await session.page.getByRole('main').getByRole('link', { name: 'All alerts' }).waitFor();
  });
});

describe('silences', () => {
  const form = () => session.page.getByRole('form', { name: 'Make a silence' });
  const comment = `browser test ${Date.now()}`;

  test('one is made for a time, is listed, and is ended', async () => {
    const { silences: before } = await ask('sre', '/silences');
    await open(session.page, '/alerts/silences?matchers=service%3D%22nobody%22');
    const which = form().getByRole('textbox', { name: /Alerts that fit/ });
    assert.equal(await which.inputValue(), 'service="nobody"');
    await which.fill('service="nobody"\nseverity=~"warning|major"');
    await form().getByLabel('Why').fill(comment);
    await session.page.keyboard.press('Enter');
    await rows('Silences').filter({ hasText: comment }).waitFor();
    const { silences } = await ask('sre', '/silences');
    assert.equal(silences.length, before.length + 1);
    const made = silences.find((one) => one.comment === comment);
    assert.deepEqual(made.matchers, ['service="nobody"', 'severity=~"warning|major"']);
    assert.ok(Math.abs(Date.parse(made.window.once.until) - Date.parse(made.window.once.from) - 3_600_000) < 1_000);
    assert.ok((await text(rows('Silences').filter({ hasText: comment }))).includes('holds'));
    await settled(session.page);
    assert.match(await text(session.page.getByTestId('sentence')), new RegExp(comment));
    await session.page.getByRole('button', { name: `End the silence ${comment}` }).click();
    await rows('Silences').filter({ hasText: comment }).waitFor({ state: 'detached' });
    assert.equal((await ask('sre', '/silences')).silences.length, before.length);
  });

  test('one of every week follows the clock of a zone', async () => {
    await open(session.page, '/alerts/silences');
    await form()
      .getByRole('textbox', { name: /Alerts that fit/ })
      .fill('service="nobody"');
    await form().getByRole('button', { name: 'Every week' }).click();
    await form().getByLabel('Sunday').check();
    await form().getByLabel('Time zone').fill('Nowhere/Atlantis');
    await form().getByLabel('Why').fill(`weekly ${comment}`);
    await form().getByRole('button', { name: 'Make the silence' }).click();
    assert.match(await text(form().getByRole('alert')), /no time zone/);
    await form().getByLabel('Time zone').fill('America/New_York');
    await form().getByRole('button', { name: 'Make the silence' }).click();
    const row = rows('Silences').filter({ hasText: `weekly ${comment}` });
    await row.waitFor();
    assert.match(await text(row), /every Saturday, Sunday from 22:00 in America\/New York, for 2 h/);
    const made = (await ask('sre', '/silences')).silences.find((one) => one.comment === `weekly ${comment}`);
    assert.equal(made.window.recurring.rule, 'FREQ=WEEKLY;BYDAY=SA,SU');
    assert.equal(made.window.recurring.seconds, 7_200);
    await session.page.getByRole('button', { name: `End the silence weekly ${comment}` }).click();
    await row.waitFor({ state: 'detached' });
  });

  test('one that silences everything is refused in the words of the server', async () => {
    await open(session.page, '/alerts/silences');
    assert.deepEqual(session.faults, []);
    await form()
      .getByRole('textbox', { name: /Alerts that fit/ })
      .fill('severity');
    await form().getByLabel('Why').fill(comment);
    await form().getByRole('button', { name: 'Make the silence' }).click();
    const refusal = session.page.getByRole('alert');
    await refusal.waitFor();
    assert.match(await text(refusal), /is no matcher/);
    assert.ok(
      session.faults.every((fault) => /4\d\d/.test(fault)),
      session.faults.join('\n'),
    );
    session.faults.length = 0;
  });
});

describe('deliveries', () => {
  test('are those of the outbox, by state', async () => {
    const { body } = await reading(session.page, '/alerts/deliveries', '/deliveries');
    if (body.deliveries.length === 0) {
      assert.equal(await text(session.page.getByTestId('sentence')), 'No message was sent yet.');
      await session.page.getByText('Messages appear when an alert begins').waitFor();
    } else {
      assert.equal(await rows('Deliveries').count(), body.deliveries.length);
      assert.ok((await text(table('Deliveries'))).includes(body.deliveries[0].channel));
    }
    await session.page.getByRole('group', { name: 'State' }).getByRole('button', { name: 'Given up' }).click();
    await session.page.waitForFunction(() => new URL(location.href).searchParams.get('state') === 'dead');
    await settled(session.page);
    const { deliveries } = await ask('sre', '/deliveries', { state: 'dead' });
    assert.equal(await session.page.getByRole('button', { name: /^Send again/ }).count(), deliveries.length);
    if (deliveries.length === 0) return;
    await session.page
      .getByRole('button', { name: /^Send again/ })
      .first()
      .focus();
    const heard = session.page.waitForResponse((one) => one.url().endsWith(`/deliveries/${deliveries[0].id}/replay`));
    await session.page.keyboard.press('Enter');
    assert.notEqual((await (await heard).json()).state, 'dead');
  });

  test('nothing went wrong meanwhile', () => assert.deepEqual(session.faults, []));
});
