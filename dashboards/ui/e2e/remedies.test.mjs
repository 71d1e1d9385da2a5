// What follows from an alert or a spent budget: remedies, policies, and releases that are frozen.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ask, launch, open, reading, settled, signIn } from './browser.mjs';
import { seg } from './subjects.mjs';

let browser;
let session;
const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');
const text = (locator) => locator.innerText().then(plain);
const sentence = () => text(session.page.getByTestId('sentence'));
const rows = (name) => session.page.getByRole('table', { name, exact: true }).locator('tbody tr');
const json = (body, status = 200) => ({ status, contentType: 'application/json', body: JSON.stringify(body) });

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'sre');
});
after(() => browser?.close());

describe('remedies', () => {
  test('are those of the configuration, or how to configure one is said', async () => {
    const {
      body: { actions },
    } = await reading(session.page, '/alerts/actions', '/actions');
    const main = await text(session.page.locator('main'));
    if (actions.length === 0) {
      assert.equal(await sentence(), 'No remedy is configured: people alone act on alerts.');
      assert.ok(main.includes('[[alerts.actions]]') && main.includes('docs/rollouts.md'));
    } else assert.ok((await sentence()).startsWith(`${actions.length} remed`));
    for (const action of actions) {
      const own = session.page.getByRole('region', { name: action.name, exact: true });
      assert.ok((await text(own)).includes(action.disabled === null ? 'Turn off' : 'Turn on'));
      for (const matcher of action.matchers) assert.ok((await text(own)).includes(matcher));
      const decided = rows(`Decisions of ${action.name}`);
      assert.equal(await decided.count(), Math.min(8, action.decisions.length));
    }
  });

  // The server's answers are given here: a demo need not have remedies, and turning one off is not to outlast a test.
  const decision = (n, verdict, why) => ({
    at: new Date(Date.now() - n * 60_000).toISOString(),
    verdict,
    alert: '0f15c6f4d6c5c752',
    service: 'order',
    why,
    signals: { burn: 'Orders: Burning 28.6x too fast' },
  });
  const remedy = {
    name: 'rollback',
    matchers: ['service="order"'],
    signals: ['burn', 'canary'],
    dry_run: false,
    cool_down_seconds: 1_800,
    most_per_hour: 2,
    verify_after_seconds: 900,
    disabled: null,
    runs_last_hour: 1,
    decisions: [
      decision(1, 'did_not_help', 'the budget burnt at 28.6x before and at 28.0x after'),
      ...Array.from({ length: 9 }, (_, i) => decision(i + 16, 'refused_signals', 'it needs burn and canary')),
    ],
  };

  test('one is turned off and on by keyboard, for a reason; a refusal is in the words of the server', async () => {
    const { page } = session;
    const [state, asked] = [{ ...remedy }, []];
    await page.route('**/api/v1/actions', (route) => route.fulfill(json({ actions: [state] })));
    await page.route('**/api/v1/actions/rollback/*', (route) => {
      const { why } = route.request().postDataJSON();
      const way = new URL(route.request().url()).pathname.split('/').at(-1);
      asked.push([way, why]);
      if (asked.length === 1)
        return route.fulfill(
          json({ error: { code: 'unavailable', message: 'the file is locked', hint: 'wait' } }, 503),
        );
      state.disabled = way === 'enable' ? null : { at: new Date().toISOString(), by: 'sre', why };
      return route.fulfill(json(state));
    });
    await open(page, '/alerts/actions');
    assert.match(await sentence(), /^1 remedy: 1 acts; the last decision, .+ ago: rollback for order, did not help\.$/);
    const own = page.getByRole('region', { name: 'rollback', exact: true });
    for (const words of ['service="order"', '30 min after each run', '2 runs an hour', 'new version is worse'])
      assert.ok((await text(own)).includes(words), words);
    assert.equal(await rows('Decisions of rollback').count(), 8);
    await page.getByRole('button', { name: '2 older decisions' }).click();
    assert.equal(await rows('Decisions of rollback').count(), 10);
    assert.equal(new URL(page.url()).searchParams.get('all'), 'rollback');

    await page.getByRole('button', { name: 'Turn off rollback' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Turn off rollback' });
    assert.ok(await dialog.getByRole('button', { name: 'Turn off' }).isDisabled(), 'a reason is needed');
    await page.keyboard.type('the hook points at the old cluster');
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await dialog.getByRole('alert').waitFor();
    assert.match(await text(dialog.getByRole('alert')), /^The file is locked\. Wait\./);
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await dialog.waitFor({ state: 'detached' });
    await own.getByText('sre turned it off. The hook points at the old cluster.').waitFor();
    assert.match(await sentence(), /^1 remedy: 1 is off;/);
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Turn on', 'the focus comes back');

    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('textbox').fill('mended');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Turn off rollback' }).waitFor();
    assert.deepEqual(
      asked.map(([way]) => way),
      ['disable', 'disable', 'enable'],
    );
    await page.unrouteAll();
    assert.ok(
      session.faults.every((fault) => fault.includes('503')),
      session.faults.join('\n'),
    );
    session.faults.length = 0;
  });
});

describe('budget policies', () => {
  test('stand with their objective: when each step begins, what follows, whether it holds', async () => {
    const { slos } = await ask('sre', '/slos');
    for (const { name } of slos.slice(0, 4)) {
      const { body } = await reading(session.page, `/slos/${seg(name)}`, `/slos/${name}`);
      const own = await text(session.page.getByRole('region', { name: 'When the budget runs out' }));
      const steps = body.budget_policies.flatMap((policy) => policy.steps);
      if (steps.length === 0) assert.match(own, /Nothing is agreed|held to no policy of its own/);
      else assert.equal(await rows('Policies').count(), steps.length);
      for (const step of steps) assert.ok(own.includes(step.alert) && own.includes(step.when), step.step);
      assert.equal(
        await rows('Policies').locator('.badge').count(),
        steps.filter((step) => step.since !== null).length,
      );
      const frozen = body.budget_steps.filter((step) => step.freezes && step.ended_at === null).length;
      assert.equal(await session.page.getByText(`Releases of ${body.service} are frozen`).count(), frozen);
    }
  });

  test('that freeze releases say so at the service, and lead to the objective', async () => {
    const { page } = session;
    const labels = {
      alertname: 'ErrorBudgetPolicy',
      effect: 'freeze',
      policy: 'standard',
      service: 'order',
      slo: 'orders',
      step: 'freeze',
    };
    const { alerts } = await ask('sre', '/alerts');
    const frozen = {
      ...alerts[0],
      id: 'ext-0',
      slo: '',
      service: 'order',
      severity: 'major',
      state: 'firing',
      started_at: new Date(Date.now() - 600_000).toISOString(),
      resolved_at: null,
      summary: 'Orders: Only fixes are released (0 % of the budget is left)',
      labels,
    };
    await page.route('**/api/v1/alerts?state=firing', (route) => route.fulfill(json({ alerts: [frozen] })));
    await open(page, '/services/order');
    const note = page.getByRole('status').filter({ hasText: 'Releases of order are frozen' });
    await note.waitFor();
    assert.match(await text(note), /10 min ago.*by the policy standard of orders\. Orders: Only fixes are released/s);
    assert.match(await note.getByRole('link', { name: 'orders', exact: true }).getAttribute('href'), /^\/slos\/orders/);
    await open(page, '/services/wallet');
    assert.equal(await page.getByText('are frozen').count(), 0, 'of another service nothing is frozen');
    await page.unrouteAll();
    await settled(page);
  });

  test('nothing went wrong meanwhile', () => assert.deepEqual(session.faults, []));
});
