// Each page against what the API answers, in light and dark, without a fault on the console or the wire.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launch, open, reading, settled, signIn } from './browser.mjs';
import { subjects } from './subjects.mjs';

let browser;
let paths;
let session;
const text = (locator) => locator.innerText().then((value) => value.replace(/[\u00a0\u202f]/g, ' '));
const sentence = () => text(session.page.getByTestId('sentence'));
const table = (name) => session.page.getByRole('table', { name, exact: true });
const firstColumn = (name) => table(name).locator('tbody tr td:first-child').allInnerTexts();
const fixed = (hours) => {
  // Two minutes back: what was on its way has arrived.
  const to = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
  return { from: new Date(to - hours * 3_600_000).toISOString(), to: new Date(to).toISOString() };
};
const query = (params) => new URLSearchParams(params).toString();

/** How many pixels of a canvas have the colour of a token: axes and grids use others. */
const drawn = (locator, token) =>
  locator.evaluate((canvas, name) => {
    const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const want = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 200 && want.every((value, c) => Math.abs(data[i + c] - value) < 20)) found += 1;
    }
    return found;
  }, token);

before(async () => {
  browser = await launch();
  paths = await subjects(ask);
  session = await signIn(browser, 'admin');
});
after(() => browser?.close());

describe('pages say what the API says', () => {
  test('overview', async () => {
    const range = fixed(3);
    const { body, asked } = await reading(session.page, `/overview?${query(range)}`, '/overview');
    assert.deepEqual(asked, range);
    assert.equal((await sentence()).replaceAll(/\s/g, ''), body.sentence.replaceAll(/\s/g, ''));
    assert.deepEqual((await firstColumn('Services')).sort(), body.services.map((row) => row.service).sort());
    const left = await firstColumn('Objectives');
    for (const name of left)
      assert.ok(
        body.slos.some((row) => row.display_name === name),
        `no objective ${name}`,
      );
    assert.equal(left.length, Math.min(8, body.slos.length));
    if (body.demand.series.length > 0)
      assert.ok(
        (await drawn(
          session.page.locator('[data-chart="Demand against forecast"] canvas'),
          body.demand.series.some((point) => point.actual !== null) ? 'series-1' : 'series-2',
        )) > 20,
      );
    // The signals stand on the same axis, each where there is something to say.
    const shown = await session.page.locator('[data-chart]').evaluateAll((all) => all.map((one) => one.dataset.chart));
    const expected = [
      body.demand.series.length > 0 && 'Demand against forecast',
      body.signals.points.length > 0 && 'Failed',
      body.signals.points.length > 0 && 'Latency',
      body.saturation.resources.length > 0 && 'Saturation',
      body.burning.length > 0 && 'Budgets that burn',
    ];
    assert.deepEqual(
      shown,
      expected.filter((title) => title !== false),
    );
    assert.ok(body.signals.points.length > 0, 'the demo sends requests');
    assert.ok((await drawn(session.page.locator('[data-chart="Latency"] canvas'), 'series-1')) > 20);
  });

  test('services', async () => {
    const range = fixed(1);
    const { services } = await ask('admin', '/services', range);
    assert.ok(services.length > 0, 'the demo sends spans');
    const { asked } = await reading(session.page, `/services?${query(range)}`, '/services');
    assert.deepEqual(asked, range);
    assert.deepEqual((await firstColumn('Services')).sort(), services.map((row) => row.service).sort());
    assert.match(await sentence(), new RegExp(`^${services.length} service`));
  });

  test('service: signals, heat-map, exemplars lead to a trace', async () => {
    const range = fixed(1);
    const path = paths.service.split('?')[0];
    const name = decodeURIComponent(path.split('/').at(-1));
    const { operations } = await ask('admin', `/services/${encodeURIComponent(name)}/operations`, range);
    const { body: map, asked } = await reading(session.page, `${path}?${query(range)}`, '/latency/heatmap');
    assert.deepEqual(asked, { service: name, columns: '120', ...range });
    assert.deepEqual((await firstColumn('Operations')).sort(), operations.map((row) => row.operation).sort());
    for (const [chart, colour] of [
      ['Calls', 'series-1'],
      ['Failed', 'series-4'],
      ['Latency', 'series-3'],
    ]) {
      assert.ok(
        (await drawn(session.page.locator(`[data-chart="${chart}"] canvas`), colour)) > 20,
        `${chart} is empty`,
      );
    }
    const canvas = session.page.getByTestId('heatmap');
    assert.ok((await drawn(canvas, 'heat-4')) > 10, 'the fullest cell has the last colour of the ramp');
    const [column, row] = map.cells.reduce((top, cell) => (cell[2] > top[2] ? cell : top));
    const box = await canvas.boundingBox();
    const [wide, high] = [box.width - 64, 240 - 20];
    const heard = session.page.waitForResponse((response) => response.url().includes('/latency/exemplars'));
    await canvas.click({
      position: {
        x: 64 + ((column + 0.5) / map.columns.length) * wide,
        y: high - ((row + 0.5) / map.rows.length) * high,
      },
    });
    const response = await heard;
    const question = new URL(response.url()).searchParams;
    assert.equal(Date.parse(question.get('from')), Date.parse(map.columns[column]));
    assert.equal(Number(question.get('low_ns')), map.rows[row].low_ns);
    const cells = await response.json();
    await settled(session.page);
    const links = session.page.getByTestId('exemplars').locator('tbody a');
    assert.equal(await links.count(), cells.exemplars.length);
    if (cells.exemplars.length > 0) {
      await links.first().click();
      await session.page.getByTestId('waterfall').waitFor();
      assert.match(session.page.url(), new RegExp(`/traces/(${cells.exemplars.map((one) => one.trace_id).join('|')})`));
    }
  });

  test('traces: the search answers what the API finds', async () => {
    const range = fixed(3);
    const {
      body: { traces },
      asked,
    } = await reading(session.page, `/traces?${query(range)}`, '/traces');
    assert.deepEqual(asked, { limit: '100', ...range });
    assert.ok(traces.length > 0, 'the demo has traces');
    assert.equal(await table('Traces').locator('tbody tr').count(), traces.length);
    const links = await table('Traces')
      .locator('tbody td:first-child a')
      .evaluateAll((all) => all.map((a) => new URL(a.href).pathname.split('/').at(-1)));
    assert.deepEqual(new Set(links), new Set(traces.map((one) => one.trace_id)));
  });

  test('trace: rows, the panel, keys', async () => {
    const id = paths.trace.split('/').at(-1);
    const trace = await ask('admin', `/traces/${id}`);
    await open(session.page, paths.trace);
    const rows = session.page.getByRole('treeitem');
    assert.ok((await rows.count()) >= Math.min(trace.spans.length, 10));
    assert.ok((await sentence()).includes(trace.spans[0].operation));
    await rows.first().click();
    const panel = session.page.getByTestId('span-panel');
    const root = await rows.first().getAttribute('id');
    const span = trace.spans.find((one) => `span-${one.span_id}` === root);
    assert.ok(span !== undefined);
    for (const key of Object.keys(span.attributes))
      assert.ok((await text(panel)).includes(key), `attribute ${key} is not shown`);
    if (trace.spans.length > 1) {
      await session.page.keyboard.press('Tab');
      await session.page.getByRole('tree').focus();
      await session.page.keyboard.press('ArrowDown');
      await session.page.waitForFunction(
        (was) => new URL(location.href).searchParams.get('span') !== was,
        span.span_id,
      );
    }
  });

  test('lookup: verdict, journey, masked card', async () => {
    const q = new URL(paths.lookup, 'http://x').searchParams.get('q');
    const { body, asked } = await reading(session.page, paths.lookup, '/lookup');
    assert.deepEqual(asked, { q });
    assert.equal((await sentence()).replaceAll(/\s/g, ''), body.verdict.sentence.replaceAll(/\s/g, ''));
    assert.ok(
      (await text(session.page.getByTestId('verdict')))
        .replaceAll(/\s/g, '')
        .includes(body.verdict.next_step.replaceAll(/\s/g, '')),
    );
    assert.ok(body.journey.length > 0, `nothing happened to ${q}`);
    assert.deepEqual(
      await session.page.getByTestId('journey').locator('strong').allInnerTexts(),
      body.journey.map((step) => step.title),
    );
    if (body.customer?.email_masked)
      assert.ok((await text(session.page.getByTestId('customer'))).includes(body.customer.email_masked));
  });

  test('objectives and one of them', async () => {
    const {
      body: { slos },
    } = await reading(session.page, '/slos', '/slos');
    assert.ok(slos.length > 0, 'the demo has objectives');
    // Below the name of a composite, or of a part of one, stands that it is.
    const named = (await firstColumn('Objectives')).map((cell) => cell.split('\n')[0]);
    assert.deepEqual(named.sort(), slos.map((row) => row.display_name).sort());
    const name = decodeURIComponent(paths.slo.split('/').at(-1));
    const { body: one } = await reading(session.page, paths.slo, `/slos/${name}`);
    assert.equal((await sentence()).replaceAll(/\s/g, ''), `${one.display_name}:${one.sentence}`.replaceAll(/\s/g, ''));
    if (one.series.some((point) => point.budget_remaining !== null))
      assert.ok((await drawn(session.page.locator('[data-chart="Budget left"] canvas'), 'text')) > 20);
    assert.equal(
      (await session.page.getByRole('region', { name: 'Definition' }).locator('pre').innerText()).trim(),
      one.definition.trim(),
    );
  });

  test('forecast and plan', async () => {
    const plan = await ask('admin', '/plan');
    const { body, asked } = await reading(session.page, '/forecast', '/forecasts');
    const chosen = session.page.getByLabel('Forecast of');
    const service = (await chosen.inputValue()).replace(/^service /, '');
    assert.equal(asked.service, service);
    assert.ok(Date.parse(asked.to) > Date.now() + 80_000_000, 'the forecast looks ahead');
    if (body.points.length > 0)
      assert.ok((await drawn(session.page.locator('[data-chart="Demand"] canvas'), 'series-2')) > 20);
    else assert.ok((await sentence()).includes(service));
    assert.equal(await table('Anomalies').locator('tbody tr').count(), Math.min(40, body.anomalies.length));
    for (const { reason } of body.anomalies.slice(0, 3))
      assert.ok((await table('Anomalies').innerText()).includes(reason), reason);
    const { anomalies: all } = await ask('admin', `/anomalies?${new URLSearchParams(asked)}`);
    assert.deepEqual(all, body.anomalies);
    if (body.skill !== null)
      assert.ok((await text(session.page.getByRole('region', { name: 'How good it is' }))).includes(body.skill.chosen));
    const own = plan.services.find((one) => one.service === service);
    if (own !== undefined && own.steps.length > 0) {
      const changes = own.steps.filter((step, i) => i === 0 || own.steps[i - 1].replicas !== step.replicas);
      assert.equal(await table('Plan').locator('tbody tr').count(), Math.min(60, changes.length));
      assert.ok((await table('Plan').innerText()).includes(changes[0].reason));
    }
    const answered = session.page.waitForResponse((one) => /\/forecasts\?.*series=orders-placed/.test(one.url()));
    await chosen.selectOption('series orders-placed');
    const { metric } = await (await answered).json();
    assert.equal(metric, 'orders-placed');
    assert.match(session.page.url(), /series=orders-placed/);
  });

  test('capacity: walls, one chosen by keyboard, a move tried', async () => {
    const range = fixed(24 * 7);
    const { body, asked } = await reading(session.page, `/capacity?${query(range)}`, '/capacity/walls');
    assert.deepEqual(asked, range);
    if (body.walls.length === 0) {
      assert.match(await sentence(), /No wall|Nothing was measured/);
      return;
    }
    const same = (shown, told) =>
      assert.equal(shown.replaceAll(/\s|\.$/g, '').toLowerCase(), told.replaceAll(/\s/g, '').toLowerCase());
    same(await sentence(), body.walls[0].sentence);
    assert.equal(await table('Walls').locator('tbody tr').count(), body.walls.length);
    const rows = session.page.getByRole('list', { name: 'Walls by growth factor' }).getByRole('link');
    assert.ok((await rows.count()) >= Math.min(16, body.walls.length));
    const last = body.walls[Math.min(16, body.walls.length) - 1];
    await rows.nth(Math.min(16, body.walls.length) - 1).focus();
    await session.page.keyboard.press('Enter');
    await session.page.waitForFunction((id) => new URL(location.href).searchParams.get('wall') === id, last.id);
    assert.ok((await text(session.page.getByTestId('wall'))).includes(last.evidence.source));
    const moving = body.walls.find((wall) => wall.moves.length > 0);
    if (moving === undefined) return;
    await open(session.page, `/capacity?${query({ ...range, wall: moving.id })}`);
    const [move] = moving.moves;
    const heard = session.page.waitForResponse((response) => response.url().includes('/capacity/what-if'));
    await session.page.getByRole('button', { name: `Try it: ${move.change}`, exact: true }).click();
    const response = await heard;
    for (const [field, value] of Object.entries(response.request().postDataJSON()))
      assert.deepEqual(value, move.what_if[field]);
    const then = await response.json();
    await table('Walls before and after').waitFor();
    const row = table('Walls before and after')
      .locator('tbody tr', { hasText: /further|no wall/ })
      .first();
    assert.ok((await row.count()) === 1, 'the wall moves');
    assert.ok(new URL(session.page.url()).searchParams.get('whatif') !== null, 'the change is in the address');
    await session.page.reload();
    await settled(session.page);
    await table('Walls before and after').waitFor();
    assert.equal(then.walls.length > 0, (await table('Walls before and after').locator('tbody tr').count()) > 0);
    await session.page.getByRole('button', { name: 'Reset' }).click();
    await table('Walls before and after').waitFor({ state: 'detached' });
    assert.equal(new URL(session.page.url()).searchParams.get('whatif'), null);
  });

  test('portfolios: decimals are the server\u2019s digits', async () => {
    const {
      body: { portfolios },
    } = await reading(session.page, '/portfolios', '/portfolios');
    assert.ok(portfolios.length > 0, 'the demo trades');
    assert.equal(await table('Portfolios').locator('tbody tr').count(), Math.min(200, portfolios.length));
    const asOf = new Date().toISOString();
    const id = decodeURIComponent(paths.portfolio.split('/').at(-1));
    const { body, asked } = await reading(
      session.page,
      `${paths.portfolio}?${query({ as_of: asOf })}`,
      `/portfolios/${id}`,
    );
    assert.deepEqual(asked, { as_of: asOf });
    const shown = await table('Positions')
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.cells].map((cell) => cell.querySelector('span[title]')?.title ?? cell.textContent)),
      );
    assert.equal(shown.length, body.positions.length);
    body.positions.forEach((position, i) => {
      assert.equal(shown[i][0], position.symbol);
      if (position.quantity !== null) assert.equal(shown[i][1], position.quantity);
      if (position.cost_basis !== null) assert.equal(shown[i][4], position.cost_basis);
    });
  });

  test('alerts', async () => {
    const {
      body: { alerts },
    } = await reading(session.page, '/alerts', '/alerts');
    if (alerts.length === 0) assert.match(await sentence(), /No alert/);
    else assert.equal(await table('Alerts').locator('tbody tr').count(), alerts.length);
  });

  test('ingest', async () => {
    const { body } = await reading(session.page, '/ingest', '/ingest');
    assert.deepEqual(
      await firstColumn('Parts'),
      body.parts.map((part) => part.name),
    );
    const { tenants } = body.ingest;
    assert.ok(tenants.length > 0, 'the demo sends');
    assert.deepEqual(
      (await firstColumn('Tenants')).sort(),
      tenants.map((one) => one.tenant),
    );
    assert.equal(
      await table('Limits').locator('tbody tr').count(),
      tenants.reduce((sum, one) => sum + one.limits.length, 0),
    );
    const away = [...tenants.flatMap((one) => [one.refused, one.rejected, one.warned]), body.ingest.refused_strangers];
    const lines = away.reduce((sum, list) => sum + list.length, 0);
    if (lines > 0) assert.equal(await table('Turned away').locator('tbody tr').count(), lines);
    if (body.rejected.length > 0)
      assert.equal(await table('Quarantine').locator('tbody tr').count(), body.rejected.length);
    assert.match(await sentence(), /received|refused|ready/);
    // By keyboard: a column's head orders the table, and the order is in the address.
    await table('Tenants').getByRole('button', { name: 'Spans/s' }).focus();
    await session.page.keyboard.press('Enter');
    await session.page.waitForFunction(() => new URL(location.href).searchParams.get('tenants') === '-traces');
  });

  test('nothing went wrong meanwhile', () => assert.deepEqual(session.faults, []));
});

test('every page in the dark, without a fault', async () => {
  const dark = await signIn(browser, 'admin', { colorScheme: 'dark' });
  for (const path of Object.values(paths)) {
    await open(dark.page, path);
    const colours = await dark.page.evaluate(() => [
      getComputedStyle(document.body).backgroundColor,
      getComputedStyle(document.body).color,
    ]);
    const bright = (colour) =>
      colour
        .match(/\d+/g)
        .slice(0, 3)
        .reduce((sum, part) => sum + Number(part), 0);
    assert.ok(bright(colours[0]) < 120 && bright(colours[1]) > 600, `${path}: ${colours}`);
  }
  assert.deepEqual(dark.faults, []);
  await dark.context.close();
});
