// A service looked into: a rectangle of the heat-map, dimensions, comparisons, errors; the map; objectives; probes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launch, open, reading, settled, signIn } from './browser.mjs';
import { seg, subjects } from './subjects.mjs';

let browser;
let session;
let service;
const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');
const text = (locator) => locator.innerText().then(plain);
const table = (name) => session.page.getByRole('table', { name, exact: true });
const rows = (name) => table(name).locator('tbody tr');
const param = (name) => new URL(session.page.url()).searchParams.get(name);
const query = (params) => new URLSearchParams(params).toString();
const fixed = (hours) => {
  const to = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
  return { from: new Date(to - hours * 3_600_000).toISOString(), to: new Date(to).toISOString() };
};

before(async () => {
  browser = await launch();
  const { service: path } = await subjects(ask);
  service = decodeURIComponent(path.split('?')[0].split('/').at(-1));
  session = await signIn(browser, 'sre');
});
after(() => browser?.close());

describe('a rectangle of the heat-map', () => {
  const range = fixed(2);
  let map;

  test('is drawn with the pointer, and what sets it apart is what the API finds', async () => {
    const { page } = session;
    ({ body: map } = await reading(page, `/services/${service}?${query(range)}`, '/latency/heatmap'));
    const [columns, lines] = [map.columns.length, map.rows.length];
    const box = await page.getByTestId('heatmap').boundingBox();
    const at = (column, row) => [
      box.x + 64 + ((column + 0.5) / columns) * (box.width - 64),
      box.y + 220 - ((row + 0.5) / lines) * 220,
    ];
    const [low, last] = [Math.floor(lines / 2), columns - 2];
    const heard = page.waitForResponse((one) => one.url().includes('/api/v1/bubbleup'));
    await page.mouse.move(...at(2, low));
    await page.mouse.down();
    await page.mouse.move(...at(last - 5, lines - 2), { steps: 4 });
    await page.mouse.move(...at(last, lines - 1), { steps: 4 });
    await page.mouse.up();
    const response = await heard;
    const asked = new URL(response.url()).searchParams;
    assert.equal(Date.parse(asked.get('from')), Date.parse(map.columns[2]));
    assert.equal(Date.parse(asked.get('to')), Date.parse(map.columns[last]) + map.step_seconds * 1000);
    assert.equal(Number(asked.get('low_ns')), map.rows[low].low_ns);
    assert.equal(Number(asked.get('high_ns')), map.rows[lines - 1].high_ns);
    assert.equal(asked.get('baseline_from'), range.from);
    const body = await response.json();
    await settled(page);
    if (body.unavailable !== null) {
      assert.ok((await text(page.getByTestId('differences'))).includes(plain(body.unavailable).slice(1)));
      return;
    }
    assert.ok(
      (await text(page.getByTestId('differences-sentence'))).includes(body.inside.spans.toLocaleString('en-US')),
    );
    if (body.differences.length > 0) {
      assert.equal(await rows('What sets them apart').count(), Math.min(12, body.differences.length));
      const [first] = body.differences;
      assert.ok((await text(rows('What sets them apart').first())).includes(first.key));
    }
  });

  test('is drawn with Shift and the arrow keys, moved by the arrows alone, and taken back', async () => {
    const { page } = session;
    await open(page, `/services/${service}?${query(range)}`);
    await page.getByTestId('heatmap').focus();
    const size = () => {
      const [from, to, low, high] = param('cell').split('~').map(Number);
      return [
        (to - from) / 1000 / map.step_seconds,
        map.rows.filter((row) => row.low_ns >= low && row.high_ns <= high).length,
      ];
    };
    await page.keyboard.press('ArrowUp');
    assert.deepEqual(size(), [1, 1]);
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowUp', 'ArrowUp', 'ArrowUp'])
      await page.keyboard.press(`Shift+${key}`);
    assert.deepEqual(size(), [3, 4]);
    await page.keyboard.press('Shift+ArrowRight');
    assert.deepEqual(size(), [2, 4]);
    await page.getByTestId('differences').waitFor();
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual(size(), [1, 1]);
    await settled(page);
    await page.getByRole('button', { name: 'Choose nothing' }).click();
    assert.equal(param('cell'), null);
    await page.getByTestId('differences').waitFor({ state: 'detached' });
  });
});

describe('a service', () => {
  test('by operation, version and any attribute', async () => {
    const range = fixed(2);
    const { body, asked } = await reading(
      session.page,
      `/services/${service}?${query({ view: 'split', by: 'operation', ...range })}`,
      '/red',
    );
    assert.deepEqual(asked, { by: 'operation', service, limit: '20', ...range });
    assert.equal(await rows('Breakdown').count(), body.groups.length);
    assert.ok((await text(rows('Breakdown').first())).includes(body.groups[0].value));
    await session.page.getByRole('group', { name: 'By' }).getByRole('button', { name: 'Version' }).click();
    await session.page.waitForFunction(() => new URL(location.href).searchParams.get('by') === 'version');
    await session.page.getByRole('group', { name: 'Chart of' }).getByRole('button', { name: 'p95' }).click();
    await session.page.locator('[data-chart="p95 by version"]').waitFor();
    const heard = session.page.waitForResponse((one) => one.url().includes('by=attribute'));
    await session.page.getByLabel('Another attribute').fill('http.request.method');
    await session.page.keyboard.press('Enter');
    const groups = (await (await heard).json()).groups.map((group) => group.value);
    await settled(session.page);
    assert.equal(param('by'), 'attribute:http.request.method');
    for (const value of groups)
      assert.ok((await text(table('Breakdown'))).includes(value === '' ? 'without one' : value));
    await table('Breakdown').getByRole('button', { name: 'Failed' }).focus();
    await session.page.keyboard.press('Enter');
    assert.equal(param('split-sort'), '-failed');
  });

  test('compared with the range before, and a version with another', async () => {
    const range = fixed(1);
    const { body, asked } = await reading(
      session.page,
      `/services/${service}?${query({ view: 'compare', ...range })}`,
      `/services/${service}/compare`,
    );
    assert.deepEqual(asked, range);
    assert.equal(body.unavailable, null);
    assert.equal(await rows('Operations compared').count(), body.operations.length);
    assert.equal(await rows('Both sides').count(), 5);
    const changed = body.operations.filter((one) => one.changed).length;
    assert.equal(await rows('Operations compared').filter({ hasText: 'changed' }).count(), changed);
    const chart = session.page.locator('[data-chart="Distribution of durations"]');
    await chart.getByRole('button', { name: 'Table' }).click();
    assert.equal(await chart.locator('tbody tr').count(), body.buckets.length);
    await session.page.getByRole('button', { name: 'another version' }).click();
    await session.page.getByText('Choose two versions').waitFor();
    const { groups } = await ask('sre', '/red', { by: 'version', service, ...range });
    const offered = session.page.getByRole('combobox', { name: 'Compared with' }).locator('option');
    for (const { value } of groups.filter((group) => group.value !== ''))
      await offered.filter({ hasText: value }).first().waitFor({ state: 'attached' });
  });

  test('what fails is told in groups, with what is new', async () => {
    const range = fixed(2);
    const { body } = await reading(session.page, `/services/${service}?${query(range)}`, `/services/${service}/errors`);
    if (body.errors.length === 0) return;
    assert.equal(await rows('Errors').count(), body.errors.length);
    assert.equal(
      await rows('Errors').locator('.badge', { hasText: /^new$/ }).count(),
      body.errors.filter((group) => group.new).length,
    );
    assert.ok((await text(rows('Errors').first())).includes(body.errors[0].operation));
  });
});

describe('the map', () => {
  test('draws what the API says, callers left of whom they call; a box leads to its service', async () => {
    const range = fixed(2);
    const { body } = await reading(session.page, `/map?${query(range)}`, '/service-map');
    const map = session.page.getByTestId('map');
    assert.equal(await map.locator('.map-node').count(), body.nodes.length);
    assert.equal(await map.locator('.map-edge').count(), body.edges.length);
    assert.equal(await rows('Calls').count(), body.edges.length);
    const boxes = await map.locator('.map-node').evaluateAll((all) =>
      all.map((one) => ({
        name: one.title.split(': ')[0],
        x: one.offsetLeft,
        y: one.offsetTop,
        h: one.offsetHeight,
      })),
    );
    for (const a of boxes)
      for (const b of boxes)
        assert.ok(a === b || a.x !== b.x || Math.abs(a.y - b.y) >= a.h, `${a.name} lies on ${b.name}`);
    const x = (point) => boxes[body.nodes.findIndex((one) => one.kind === point.kind && one.name === point.name)].x;
    const backwards = body.edges.filter(({ from, to }) => x(from) >= x(to));
    assert.ok(backwards.length <= body.edges.length / 4, 'most calls go to the right');
    const first = body.nodes.find((one) => one.kind === 'service');
    await map.getByRole('link', { name: first.name }).first().focus();
    assert.ok((await map.locator('.map-edge.faded').count()) > 0, 'what is not of the box steps back');
    await session.page.keyboard.press('Enter');
    await session.page.waitForURL(`**/services/${first.name}*`);
    await settled(session.page);
    assert.equal(param('from'), range.from);
  });

  test('fits its page from 1280 to 1920 pixels; on a narrow screen it scrolls by itself', async () => {
    const { page } = session;
    const wide = () =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.querySelector('.map-scroll');
        return { page: document.documentElement.scrollWidth - innerWidth, map: scrollWidth - clientWidth };
      });
    const was = page.viewportSize();
    await open(page, `/map?${query(fixed(2))}`);
    for (const width of [1280, 1440, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      await settled(page);
      assert.deepEqual(await wide(), { page: 0, map: 0 }, `${width} px`);
      const cut = await page
        .locator('.map-node')
        .evaluateAll((all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => one.title));
      assert.deepEqual(cut, [], `at ${width} px what a box says fits it`);
    }
    await page.setViewportSize({ width: 400, height: 900 });
    await settled(page);
    assert.equal((await wide()).page, 0);
    assert.ok((await wide()).map > 0);
    await page.setViewportSize(was);
  });

  test('of one service is it and its neighbours', async () => {
    const { body, asked } = await reading(session.page, `/map?${query({ service, ...fixed(2) })}`, '/service-map');
    assert.equal(asked.service, service);
    assert.ok(body.edges.every(({ from, to }) => from.name === service || to.name === service));
    assert.match(await text(session.page.getByTestId('sentence')), new RegExp(`^Around ${service}: `));
  });
});

describe('an objective', () => {
  test('says what becomes of its budget, and how often its rules would have paged', async () => {
    const { slos } = await ask('sre', '/slos');
    for (const { name } of slos.slice(0, 4)) {
      const { body: told } = await reading(
        session.page,
        `/slos/${seg(name)}?from=now-6h&to=now`,
        `/slos/${name}/backtest`,
      );
      const one = await ask('sre', `/slos/${name}`, { from: 'now-6h', to: 'now' });
      const ahead = await text(session.page.getByTestId('ahead'));
      if (one.ahead === null) assert.ok(ahead.includes(plain(one.ahead_unknown)));
      else assert.match(ahead, one.ahead.exhausts_at === null ? /lasts as far|is spent/ : /the budget is gone on/);
      assert.equal(await rows('Rules').count(), told.rules.length);
      const sentence = await text(session.page.getByTestId('backtest-sentence'));
      const { count } = told.pages;
      const times = count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
      if (told.steps > 0)
        assert.ok(
          sentence.includes(count === 0 ? 'would not have paged anybody' : `would have paged ${times}`),
          sentence,
        );
      if (one.parts.length > 0) assert.equal(await rows('Parts').count(), one.parts.length);
    }
  });
});

describe('probes', () => {
  test('stand as the API says', async () => {
    const {
      body: { probes },
    } = await reading(session.page, '/probes', '/probes');
    if (probes.length === 0) assert.equal(await text(session.page.getByTestId('sentence')), 'No probe is configured.');
    else assert.equal(await rows('Probes').count(), probes.length);
    for (const probe of probes) {
      const row = rows('Probes').filter({ hasText: probe.name });
      assert.ok((await text(row)).includes(probe.state));
      assert.ok((await text(row)).includes(probe.steps.join(', ')));
    }
  });

  test('nothing went wrong meanwhile', () => assert.deepEqual(session.faults, []));
});
