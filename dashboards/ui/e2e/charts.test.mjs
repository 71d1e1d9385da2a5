// Charts leave as files and explain themselves: each of them, on every page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { ask, credentials, exported, launch, open, send, settled, signIn, web } from './browser.mjs';
import { pathsOf } from './routes.mjs';

/** Every chart that there is, by the names of the program. */
const CHARTS = ['services', 'planning', 'money'].flatMap((file) => {
  const source = readFileSync(new URL(`../src/charts/explain/${file}.ts`, import.meta.url), 'utf8');
  const table = source.slice(source.indexOf('export const '));
  return [...table.matchAll(/^ {2}'?([a-z0-9-]+)'?: \{$/gm)].map(([, id]) => id);
});

let browser;
let paths;
let session;
const seen = new Map();

before(async () => {
  browser = await launch();
  paths = await pathsOf(ask);
  session = await signIn(browser, 'admin');
});
after(() => browser?.close());

async function sql(text) {
  const response = await send('admin', '/sql', { sql: text, limit: 10 });
  return { status: response.status, text: await response.text() };
}

/** The question of the dialog, asked again. */
async function again(request) {
  const [method, path] = request.split(' ');
  if (method === 'POST') return 200;
  const response = await fetch(new URL(path, web), {
    headers: { authorization: `Bearer ${credentials.admin.token}` },
  });
  await response.arrayBuffer();
  return response.status;
}

/** Opens the explanation, reads it, and closes it by keyboard: the focus is where it was. */
async function explained(chart) {
  const { page } = session;
  const button = chart.getByRole('button', { name: 'Export' });
  await button.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  const read = async (id) => {
    const found = dialog.getByTestId(id);
    return (await found.count()) === 0 ? '' : (await found.textContent()).trim();
  };
  const told = { words: await read('how-words'), request: await read('how-request'), sql: await read('how-sql') };
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await button.evaluate((element) => element === document.activeElement), true, 'focus is given back');
  return told;
}

const png = (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) });

/** The same chart in three files: the vectors are vectors, the pixels are twice as many. */
async function inFiles(chart, where) {
  const { page } = session;
  const title = await chart.getAttribute('data-chart');
  const csv = await exported(page, chart, 'csv');
  const lines = csv.bytes.toString().split('\r\n');
  assert.ok(lines.length > 2 && lines.at(-1) === '', `${where}: ${csv.name} has rows`);
  const svg = await exported(page, chart, 'svg');
  const text = svg.bytes.toString();
  const drawn = await page.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    const count = (names) => parsed.querySelectorAll(names).length;
    const { width, height } = parsed.documentElement.attributes;
    return {
      fault: parsed.querySelector('parsererror')?.textContent ?? '',
      shapes: count('path, rect, line, circle'),
      foreign: count('image, foreignObject, script, style'),
      texts: [...parsed.querySelectorAll('text')].map((one) => one.textContent),
      size: [Number(width.value), Number(height.value)],
    };
  }, text);
  assert.equal(drawn.fault, '', where);
  assert.equal(drawn.foreign, 0, `${where}: vectors only`);
  assert.ok(drawn.shapes > 3 && drawn.texts.length > 2, `${where}: ${drawn.shapes} shapes`);
  assert.equal(drawn.texts[0], title, where);
  assert.doesNotMatch(text, /var\(--|undefined|NaN/, where);
  const picture = await exported(page, chart, 'png');
  const size = png(picture.bytes);
  assert.ok(
    drawn.size.every((side, i) => Math.abs(side * 2 - [size.width, size.height][i]) <= 2),
    `${where}: ${JSON.stringify(size)} is twice ${drawn.size}`,
  );
  const names = [csv, svg, picture].map(({ name }) => name);
  assert.equal(new Set(names.map((name) => name.replace(/\.[a-z]+$/, ''))).size, 1, names.join());
  for (const name of names) assert.match(name, /^headroom-[a-z0-9-]+\.(csv|svg|png)$/);
  return lines;
}

test('every chart of every page explains itself, and leaves as CSV, SVG and PNG', async () => {
  const { page, faults } = session;
  const wrong = [];
  const views = { failed: `${paths.breakdown}&show=failed`, p95: `${paths.breakdown}&show=p95` };
  for (const [name, path] of Object.entries({ ...paths, ...views })) {
    await open(page, path);
    for (const chart of await page.locator('figure.chart').all()) {
      const id = await chart.getAttribute('data-chart-id');
      const where = `${name}: ${id}`;
      const told = await explained(chart);
      if (told.words.length < 30) wrong.push(`${where}: no words`);
      if (!/^(GET|POST) \/api\/v1\//.test(told.request)) wrong.push(`${where}: ${told.request}`);
      else if ((await again(told.request)) !== 200) wrong.push(`${where}: asked again, ${told.request} fails`);
      if (told.sql === '') wrong.push(`${where}: no SQL`);
      else {
        const answer = await sql(told.sql);
        if (answer.status !== 200) wrong.push(`${where}: ${answer.text}\n${told.sql}`);
      }
      if (seen.has(id)) continue;
      seen.set(id, name);
      await inFiles(chart, where);
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(faults, [], 'files are made without asking anybody');
});

test('none is left out, and the SQL page opens what a chart says of itself', async () => {
  const { page } = session;
  await open(page, '/sql');
  const run = async (text) => {
    await page.goto(new URL(`/sql?view=chart&sql=${encodeURIComponent(text)}`, web).href);
    await page.getByRole('button', { name: 'Run' }).click();
    await page.locator('figure.chart').waitFor();
    await settled(page);
    const chart = page.locator('figure.chart');
    const told = await explained(chart);
    assert.equal(told.sql, text);
    await inFiles(chart, 'sql');
    seen.set(await chart.getAttribute('data-chart-id'), 'sql');
  };
  await run("select * from (values ('a', 2.5), ('b', 1.25)) as t(name, amount)");
  await run(
    "select * from (values (timestamp '2026-01-01T01:00:00', 1), (timestamp '2026-01-01T02:00:00', 2)) as x(t, v)",
  );
  assert.deepEqual(
    CHARTS.filter((id) => !seen.has(id)),
    [],
  );
  await open(page, paths.service);
  const chart = page.locator('[data-chart-id=service-calls]');
  await chart.getByRole('button', { name: 'Export' }).click();
  await chart.getByRole('menuitem', { name: 'How was this computed?' }).click();
  await page.getByRole('link', { name: 'Open it on the SQL page' }).click();
  await page.waitForURL('**/sql?*');
  assert.match(new URL(page.url()).searchParams.get('sql'), /FROM services/);
});

test('the file has the figures of the API, with units and times in UTC', async () => {
  const { page } = session;
  await open(page, paths.service);
  const lines = await inFiles(page.locator('[data-chart-id=service-latency]'), 'service');
  assert.equal(lines[0], 'time (UTC),p50 (ns),p95 (ns),p99 (ns)');
  assert.match(lines[1], /^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z,/);
  // A table has no picture: the chart comes back for it.
  const chart = page.locator('[data-chart-id=service-latency]');
  await chart.getByRole('button', { name: 'Table' }).click();
  await exported(page, chart, 'svg');
  await chart.getByRole('application').waitFor();
});

test('where SQL gives the same, it gives the figures of the chart', async () => {
  const { page } = session;
  const level = paths.metric.replace('http.server.requests', 'process.cpu.utilization');
  const charts = {
    service: ['calls', 'failed', 'latency', 'errors'].map((name) => `service-${name}`),
    metric: ['metric'],
  };
  for (const [name, ids] of Object.entries(charts))
    for (const id of ids) {
      await open(page, name === 'metric' ? level : paths[name]);
      const chart = page.locator(`[data-chart-id=${id}]`);
      const { sql: statement } = await explained(chart);
      const response = await send('admin', '/sql', { sql: statement, limit: 10_000 });
      const answer = await response.json();
      const labelled = answer.columns[1].name === 'label';
      const { bytes } = await exported(page, chart, 'csv');
      const [head, ...lines] = bytes.toString().trim().split('\r\n');
      const heads = head.split(',').slice(1);
      const drawn = new Map(
        lines.map((line) => line.split(',')).map(([time, ...values]) => [Date.parse(time), values]),
      );
      // The page widens its range to whole minutes, so the steps at both ends may have more.
      const inner = [...drawn.keys()].sort((a, b) => a - b).slice(1, -1);
      let same = 0;
      for (const [time, ...values] of answer.rows) {
        const at = Date.parse(time);
        if (!inner.includes(at)) continue;
        const told = labelled ? [values[1]] : values;
        const line = labelled ? heads.findIndex((one) => one.startsWith(values[0])) : 0;
        told.forEach((value, i) => {
          const figure = Number(drawn.get(at)[line + i]);
          const near = id === 'service-latency' ? 1 : 1e-9 * Math.max(1, Math.abs(figure));
          assert.ok(
            Math.abs(Number(value) - figure) <= near,
            `${id} at ${time}: ${value} in SQL, ${figure} on the page`,
          );
          same += 1;
        });
      }
      assert.ok(same > 5, `${id}: ${same} figures compared`);
    }
});

test('a chart is read by arrow keys, and what is read is told', async () => {
  const { page } = session;
  await open(page, paths.service);
  const chart = page.locator('[data-chart-id=service-calls]');
  await chart.getByRole('application').focus();
  await page.keyboard.press('Home');
  const first = await chart.getByRole('status').innerText();
  await page.keyboard.press('ArrowRight');
  const second = await chart.getByRole('status').innerText();
  assert.match(first, /: calls a second [\d.]+/);
  assert.notEqual(first, second);
  assert.equal(await chart.locator('.tip.on').count(), 1, 'who sees it sees it too');
  await page.keyboard.press('Escape');
  assert.equal(await chart.getByRole('status').innerText(), '');
});
