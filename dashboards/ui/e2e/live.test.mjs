// A page is told what changed, and asks for nothing otherwise.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, settled, signIn, tell } from './browser.mjs';

/** A minute is closed fifteen seconds after its end at the latest. */
const A_MINUTE = 80_000;

let browser;
let session;
/** What the page asks the API for, besides the stream. */
const asked = [];

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'sre');
  session.page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/v1/') && !pathname.endsWith('/live')) asked.push(pathname);
  });
});
after(() => browser?.close());

test('a silence that somebody makes elsewhere is shown at once', async () => {
  const { page } = session;
  await open(page, '/alerts/silences');
  // The first look has been made: what changes from now on is told.
  await page.waitForTimeout(2_500);
  asked.length = 0;
  const comment = `e2e ${Date.now()}`;
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await tell('sre', '/silences', {
    matchers: ['service="nothing-of-this-name"'],
    comment,
    window: { once: { from: new Date().toISOString(), until } },
  });
  const row = page.getByRole('cell', { name: comment, exact: true });
  await row.waitFor({ timeout: 10_000 });
  assert.ok(asked.includes('/api/v1/silences'));
  assert.ok(
    asked.every((path) => path !== '/api/v1/session' && !path.startsWith('/api/v1/deliveries')),
    asked.join(),
  );
  await page.getByRole('button', { name: `End the silence ${comment}` }).click();
  await row.waitFor({ state: 'detached', timeout: 10_000 });
});

test('a live range moves on when a minute is closed, and not before', async () => {
  const { page } = session;
  await open(page, '/overview');
  await settled(page);
  const reads = () => asked.filter((path) => path === '/api/v1/overview').length;
  const closed = () =>
    page.waitForRequest((request) => new URL(request.url()).pathname === '/api/v1/overview', { timeout: A_MINUTE });
  await closed();
  const [first, began] = [reads(), Date.now()];
  await closed();
  const took = Date.now() - began;
  assert.ok(took > 35_000, `the next minute was closed after ${took} ms`);
  assert.equal(reads(), first + 1, 'one read for a minute');
});

test('without the stream it says since when it is stale, and goes on when it is back', async () => {
  const { page, faults } = session;
  await page.route('**/api/v1/live', (route) => route.fulfill({ status: 503, body: '' }));
  await open(page, '/services');
  const note = page.getByRole('status').filter({ hasText: 'Stale since' });
  await note.waitFor({ timeout: 20_000 });
  assert.match(await note.innerText(), /Stale since \d\d:\d\d:\d\d: the server does not say what changes/);
  await page.unrouteAll();
  asked.length = 0;
  await note.getByRole('button', { name: 'Read everything now' }).click();
  await note.waitFor({ state: 'detached', timeout: 20_000 });
  assert.ok(asked.includes('/api/v1/services'));
  assert.ok(
    faults.every((fault) => fault.includes('503')),
    faults.join('\n'),
  );
});
