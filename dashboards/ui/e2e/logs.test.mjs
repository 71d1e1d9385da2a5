// Log lines: found by their words, opened, followed as they come.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, credentials, launch, open, otlp, reading, settled, signIn, web } from './browser.mjs';
import { subjects } from './subjects.mjs';

let browser;
let session;
const lines = () => session.page.getByTestId('log-lines').locator('> li');
const parameter = (name) => new URL(session.page.url()).searchParams.get(name);

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'sre');
});
after(() => browser?.close());

const fixed = (hours) => {
  const to = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
  return { from: new Date(to - hours * 3_600_000).toISOString(), to: new Date(to).toISOString() };
};

test('the newest lines, their volume and the older ones', async () => {
  const range = fixed(24);
  const { body } = await reading(session.page, `/logs?${new URLSearchParams(range)}`, '/logs');
  assert.ok(body.volume.total > 100, 'the demo writes logs');
  const said = await session.page.getByTestId('sentence').innerText();
  assert.ok(said.startsWith(`${body.volume.total.toLocaleString('en-US')} lines fit`), said);
  assert.equal(await lines().count(), body.lines.length);
  assert.ok((await lines().first().innerText()).includes(body.lines[0].service));
  await session.page.getByRole('button', { name: 'Older lines' }).click();
  await session.page.waitForFunction((next) => new URL(location.href).searchParams.get('before') === next, body.next);
  await settled(session.page);
  const older = await ask('sre', '/logs', { ...range, before: body.next });
  assert.ok((await lines().first().innerText()).includes(older.lines[0].service));
  assert.deepEqual(session.faults, []);
});

test('a search by words and level lives in the address', async () => {
  const range = fixed(24);
  const { lines: some } = await ask('sre', '/logs', range);
  const word = some.flatMap(({ body }) => body.split(/[^A-Za-z0-9]+/)).find((text) => /^[A-Za-z]{4,}$/.test(text));
  await open(session.page, `/logs?${new URLSearchParams(range)}`);
  await session.page.getByLabel('Words').fill(word.toUpperCase());
  await session.page.getByLabel('Words').press('Enter');
  await session.page.waitForFunction(() => new URL(location.href).searchParams.has('q'));
  await settled(session.page);
  const found = await ask('sre', '/logs', { ...range, q: word });
  assert.equal(await lines().count(), found.lines.length);
  for (const line of await lines().all())
    assert.match((await line.innerText()).toLowerCase(), new RegExp(word.toLowerCase()));
  await session.page.getByLabel('Level').selectOption('error');
  await session.page.waitForFunction(() => new URL(location.href).searchParams.get('level') === 'error');
  await settled(session.page);
  const bad = await ask('sre', '/logs', { ...range, q: word, level: 'error' });
  assert.equal(await lines().count(), bad.lines.length);
});

test('a line opens for what is known of it, and leads on', async () => {
  const range = fixed(24);
  await open(session.page, `/logs?${new URLSearchParams(range)}`);
  await lines().first().locator('summary').first().click();
  await session.page.waitForFunction(() => new URL(location.href).searchParams.has('line'));
  const opened = session.page.locator('[data-testid=log-lines] details[open]').first();
  await opened.getByRole('link', { name: 'wrote before and after' }).waitFor();
  const only = opened.getByRole('button', { name: /^Only lines with/ }).first();
  const name = await only.getAttribute('aria-label');
  await only.click();
  await session.page.waitForFunction(() => (new URL(location.href).searchParams.get('q') ?? '').includes(':'));
  await settled(session.page);
  assert.ok((await lines().count()) > 0, `${name} finds at least the line it was taken from`);
  assert.equal(parameter('line'), null);
  assert.deepEqual(session.faults, []);
});

/** A program writes a line. */
async function write(text) {
  const line = { timeUnixNano: `${Date.now()}000000`, severityNumber: 13, body: { stringValue: text } };
  const response = await fetch(new URL('/v1/logs', otlp), {
    method: 'POST',
    headers: { authorization: `Bearer ${credentials.ingest.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [line] }] }] }),
  });
  assert.ok(response.ok, await response.text());
}

test('following brings new lines to the top', async () => {
  await open(session.page, '/logs?from=now-15m&to=now&level=warn&q=followed');
  await session.page.getByRole('button', { name: 'Follow' }).click();
  await session.page.getByText('Following: new lines come in at the top.').waitFor();
  const text = `followed ${Date.now()}`;
  await write(text);
  await lines().first().getByText(text).waitFor({ timeout: 60_000 });
  await session.page.getByRole('button', { name: 'Stop following' }).click();
  assert.deepEqual(session.faults, []);
});

test('a trace and a service lead to their lines, for those who may read them', async () => {
  const { trace, service } = await subjects(ask);
  const { page } = session;
  await open(page, trace);
  await page.getByRole('link', { name: 'Log lines of this trace', exact: true }).click();
  await page.waitForURL(({ pathname }) => pathname === '/logs');
  await settled(page);
  const id = trace.split('/').at(-1);
  assert.deepEqual([parameter('q'), parameter('service')], [`trace:${id}`, null]);
  const { logs, services } = await ask('sre', `/traces/${id}`);
  assert.ok((await lines().count()) >= Math.min(logs.length, 100), 'at least those that the trace shows');

  await open(page, trace);
  await page.getByRole('treeitem').first().click();
  await page
    .getByTestId('span-panel')
    .getByRole('link', { name: /^Log lines of .+ in this trace$/ })
    .click();
  await page.waitForURL(({ pathname }) => pathname === '/logs');
  assert.ok(services.includes(parameter('service')));

  await open(page, service);
  await page.getByRole('main').getByRole('link', { name: 'Logs', exact: true }).click();
  await page.waitForURL(({ pathname }) => pathname === '/logs');
  assert.equal(parameter('service'), decodeURIComponent(new URL(service, web).pathname.split('/').at(-1)));

  const agent = await signIn(browser, 'agent');
  for (const path of [trace, service]) {
    await open(agent.page, path);
    assert.equal(await agent.page.getByRole('main').getByRole('link', { name: /^Log/ }).count(), 0, path);
  }
  await agent.context.close();
  assert.deepEqual(session.faults, []);
});

test('what cannot be searched is refused in words', async () => {
  await session.page.goto('about:blank');
  await open(session.page, '/logs').catch(() => undefined);
  await session.page.getByLabel('Words').fill('level:loud');
  await session.page.getByLabel('Words').press('Enter');
  await session.page.getByText('there is no level', { exact: false }).first().waitFor();
  await session.page.getByText('levels are unset', { exact: false }).first().waitFor();
});
