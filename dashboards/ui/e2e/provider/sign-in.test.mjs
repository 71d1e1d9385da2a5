// Signing in at an OpenID provider, which is another site than the pages: a node that trusts it is given by the
// environment (tests/it/pages.rs).
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from '../browser.mjs';

const { HEADROOM_AT: at, PROVIDER: provider } = process.env;
let browser;
let context;
let page;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
});
afterEach(() => context.close());

/** From the first page to the provider's, and on as somebody. */
async function choose(who) {
  await page.goto(at);
  await page.getByRole('link', { name: 'Sign in at work' }).click();
  await page.waitForURL((url) => url.origin === provider);
  await page.getByRole('link', { name: who }).click();
}

test('whoever the provider vouches for lands signed in, with the role that is mapped', async () => {
  await choose('I am Ada, of ops');
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  assert.equal(new URL(page.url()).origin, at);
  const who = await page.locator('.who').innerText();
  assert.match(who, /ada@example\.com\s+sre of /);
  assert.equal(await page.getByRole('link', { name: 'Audit', exact: true }).count(), 0);
  // What the browser keeps is out of reach of scripts.
  const cookies = await context.cookies();
  const session = cookies.find(({ name }) => name === 'headroom_session');
  assert.deepEqual([session.httpOnly, session.sameSite], [true, 'Strict']);
  assert.equal(await page.evaluate(() => document.cookie), '');
  assert.ok(!cookies.some(({ name, value }) => name === 'headroom_sign_in' && value !== ''), 'what was begun is over');

  await page.reload();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in at work' }).waitFor();
});

test('whose roles are not mapped is refused in words', async () => {
  await choose('I am Eve, a visitor');
  await page.waitForURL((url) => url.pathname === '/sign-in/oidc/callback');
  const said = await page.locator('body').innerText();
  assert.match(said, /^You are not signed in: .*your account has no role here: ask an administrator/);
  assert.ok(!(await context.cookies()).some(({ name }) => name === 'headroom_session'));
});

test('a refusal of the provider is told, and the way is open to try again', async () => {
  await choose('Not now');
  await page.waitForURL((url) => url.pathname === '/sign-in/oidc/callback');
  assert.match(await page.locator('body').innerText(), /^You are not signed in: the provider refused: access_denied/);
  await choose('I am Ada, of ops');
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
});

test('an answer that was not begun in this browser is nobody\u2019s', async () => {
  await page.goto(`${at}/sign-in/oidc/callback?code=code-0&state=made-up`);
  assert.match(await page.locator('body').innerText(), /^You are not signed in: this sign-in was not begun here/);
});
