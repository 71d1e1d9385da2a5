// Accounts, tokens and sessions as an administrator handles them, by keyboard, and what is on record afterwards.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, credentials, enter, launch, open, otlp, reading, settled, signIn, web } from './browser.mjs';

/** A name of this run: a demo may be tested again. */
const NAME = `e2e-${Date.now().toString(36)}`;
const PASSWORD = 'a horse that e2e rides';

let browser;
let session;
const sentence = () => session.page.getByTestId('sentence').innerText();
const row = (table, name) =>
  session.page
    .getByRole('table', { name: table, exact: true })
    .locator('tbody tr')
    .filter({ has: session.page.getByRole('cell', { name, exact: true }) });

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'admin');
});
after(() => browser?.close());

describe('an account', () => {
  test('is made by keyboard, and a name that is taken is refused in words', async () => {
    const { page } = session;
    const { body } = await reading(page, '/administration', '/admin/accounts');
    assert.match(await sentence(), /^\d+ accounts may sign in, [1-9]\d* of them as administrator/);
    assert.equal(await page.getByRole('table', { name: 'Accounts' }).locator('tbody tr').count(), body.accounts.length);
    const form = page.getByRole('form', { name: 'Make an account' });
    await form.getByLabel('Name').focus();
    await page.keyboard.type(NAME);
    await page.keyboard.press('Tab');
    await page.keyboard.type('sre');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText(`${NAME} may sign in.`).waitFor();
    await row('Accounts', NAME).waitFor();
    assert.match(await row('Accounts', NAME).innerText(), /sre.*here, with a password.*never/s);

    await form.getByLabel('Name').fill(NAME);
    await form.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').innerText(), /exists already; choose another name/);
    assert.ok(
      session.faults.every((fault) => fault.includes('400')),
      session.faults.join('\n'),
    );
    session.faults.length = 0;
  });

  test('signs in, is refused the page, and is seen among the sessions', async () => {
    const other = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await other.newPage();
    await enter(page, NAME, PASSWORD);
    await open(page, '/administration');
    assert.match(await page.getByTestId('sentence').innerText(), /The role "sre" does not open this page/);
    assert.equal(await page.getByRole('link', { name: 'Administration' }).count(), 0);
    const refused = await page.request.get(new URL('/api/v1/admin/accounts', web).href);
    assert.equal(refused.status(), 403);

    await reading(session.page, '/administration/sessions', '/admin/sessions');
    assert.match(await sentence(), /^\d+ sessions go on, of \d+ accounts\.$/);
    await session.page.getByText('this one is yours').waitFor();
    await session.page.getByRole('button', { name: `End the session of ${NAME}` }).click();
    await row('Sessions', NAME).waitFor({ state: 'detached' });
    const ended = await page.request.get(new URL('/api/v1/session', web).href);
    assert.equal(ended.status(), 401);
    await other.close();
  });

  test('gets another role and password, is shut out and let in again, in a dialog that is in the address', async () => {
    const { page } = session;
    await open(page, '/administration');
    await page.getByRole('button', { name: `Change ${NAME}`, exact: true }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Change ${NAME}` });
    await dialog.waitFor();
    assert.equal(new URL(page.url()).searchParams.get('account'), NAME);
    await dialog.getByRole('combobox').selectOption('lead');
    await dialog.getByRole('button', { name: 'Change the role' }).click();
    await dialog.getByText('The role is changed').waitFor();
    await dialog.getByLabel('New password').fill(`${PASSWORD}, again`);
    await page.keyboard.press('Enter');
    await dialog.getByText('The password is set').waitFor();
    await dialog.getByRole('button', { name: 'Shut out' }).click();
    await dialog.getByText(`${NAME} is shut out`).waitFor();
    const again = async (password) =>
      (
        await fetch(new URL('/api/v1/session', web), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ user: NAME, password }),
        })
      ).status;
    assert.equal(await again(`${PASSWORD}, again`), 401);
    await dialog.getByRole('button', { name: 'Let in again' }).click();
    await dialog.getByText('may sign in again').waitFor();
    assert.deepEqual([await again(PASSWORD), await again(`${PASSWORD}, again`)], [401, 200]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).searchParams.get('account'), null);
    assert.match(await row('Accounts', NAME).innerText(), /lead.*may sign in/s);
  });

  test('that is the last administrator stays one', async () => {
    const { page } = session;
    const { accounts } = await ask('admin', '/admin/accounts');
    const admins = accounts.filter((one) => one.role === 'admin' && one.disabled_at === null);
    assert.deepEqual(
      admins.map(({ name }) => name),
      [credentials.admin.user],
    );
    await open(page, `/administration?account=${credentials.admin.user}`);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Shut out' }).click();
    await dialog.getByRole('alert').waitFor();
    assert.match(await dialog.getByRole('alert').innerText(), /is the last administrator of .+: give another account/);
    await page.keyboard.press('Escape');
    assert.ok(
      session.faults.every((fault) => fault.includes('400')),
      session.faults.join('\n'),
    );
    session.faults.length = 0;
  });
});

describe('a token', () => {
  test('is shown once, opens its door, and does not when it is revoked', async () => {
    const { page } = session;
    await open(page, '/administration/tokens');
    const form = page.getByRole('form', { name: 'Make a token' });
    await form.getByLabel('Name').fill(NAME);
    await page.keyboard.press('Enter');
    await page.getByText(`This is ${NAME}. It is not shown again`).waitFor();
    const token = await page
      .locator('main code')
      .filter({ hasText: /^hr_ingest_/ })
      .innerText();
    const send = async () =>
      (
        await fetch(`${otlp}/v1/logs`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ resourceLogs: [] }),
        })
      ).status;
    assert.equal(await send(), 200);
    await open(page, '/administration/tokens');
    assert.ok(!(await page.locator('main').innerText()).includes(token), 'it is shown once');
    await page.getByRole('button', { name: `Revoke ${NAME}` }).click();
    await row('Tokens', NAME).getByText('revoked').waitFor();
    assert.equal(await send(), 401);
  });
});

test('the node says what it keeps how long, who leads, and its configuration without secrets', async () => {
  const { page } = session;
  const { body } = await reading(page, '/administration/node', '/admin/node');
  assert.ok((await sentence()).includes(`runs Headroom ${body.version} with`));
  assert.ok(body.tables.some(({ table, days }) => table === 'spans' && days > 0));
  assert.equal(await page.getByRole('table', { name: 'Retention' }).locator('tbody tr').count(), body.tables.length);
  for (const role of ['ingest', 'web', 'alerts', 'models']) assert.ok(body.roles.includes(role), role);
  assert.ok(!/hr_[a-z]+_|sha256 = "[0-9a-f]/.test(body.configuration), body.configuration);
  await settled(page);
});

test('each deed is on record with who, what and whom', async () => {
  const { page } = session;
  await open(page, `/audit?subject=${NAME}`);
  const { rows } = await ask('admin', '/audit', { subject: NAME, actor: credentials.admin.user });
  assert.deepEqual(rows.map(({ action }) => action).reverse(), [
    'user.create',
    'session.end',
    'user.change',
    'user.password',
    'user.disable',
    'user.enable',
    'token.create',
    'token.revoke',
  ]);
  assert.ok(!JSON.stringify(rows).includes(PASSWORD));
  const shown = await page.getByRole('table', { name: 'Audit trail' }).innerText();
  for (const { action } of rows) assert.ok(shown.includes(action), action);
  assert.deepEqual(session.faults, []);
});
