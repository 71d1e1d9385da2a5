// Golden enquiries: what customers ask about, found by SQL in what the sample platform sent, typed into an agent's box.
// Each must give the verdict that follows from the events, in at most three clicks.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, send, settled, signIn, web } from './browser.mjs';

const enquiries = JSON.parse(readFileSync(join(import.meta.dirname, 'enquiries.json'), 'utf8'));
const LEAST = 40;
const CLICKS = 3;
const STATES = { ok: 'all right', failed: 'failed', in_progress: 'in progress', unknown: 'not known' };
const PARTIES = {
  us: 'Ours',
  upstream: 'A partner\u2019s',
  customer: 'The customer\u2019s side',
  market: 'The market\u2019s',
  not_said: 'Not to be told',
  none: 'Nobody\u2019s',
};
let browser;
let session;
let ran = 0;

before(async () => {
  browser = await launch();
  session = await signIn(browser, 'agent');
});
after(() => browser?.close());

/** The one whom an enquiry is about; undefined when the sample platform had no such case yet. */
async function asked({ q, sql }) {
  if (sql === undefined) return q;
  const response = await send('analyst', '/sql', { sql });
  const answer = await response.json();
  assert.ok(response.ok, `${sql}: ${JSON.stringify(answer)}`);
  return answer.rows[0]?.[0];
}

for (const enquiry of enquiries) {
  test(`enquiry: ${enquiry.name}`, async (t) => {
    const q = await asked(enquiry);
    if (q === undefined && enquiry.rare) return t.skip('the sample platform had no such case');
    assert.ok(q, 'the sample platform has no such case');
    const { page, faults } = session;
    await page.goto(web);
    await page.getByLabel('Look up', { exact: true }).fill((enquiry.typed ?? '{q}').replace('{q}', q));
    let clicks = 0;
    await page.getByRole('button', { name: 'Look up' }).click();
    clicks += 1;
    await page.getByTestId('verdict').waitFor();
    await settled(page);
    const sentence = await page.getByTestId('sentence').innerText();
    assert.match(sentence, new RegExp(enquiry.says), q);
    const verdict = await page.getByTestId('verdict').innerText();
    assert.ok(verdict.includes(STATES[enquiry.state]) && verdict.includes(enquiry.next), `${q}: ${verdict}`);
    if (enquiry.party !== null) {
      const whose = await page.getByTestId('whose').innerText();
      assert.ok(whose.startsWith(PARTIES[enquiry.party]), `${q}: ${whose}`);
    }
    assert.ok((await page.getByTestId('reply').innerText()).startsWith('Hello,'));
    assert.ok(clicks <= CLICKS);
    assert.deepEqual(faults, []);
    ran += 1;
  });
}

test('enough enquiries were asked', () => {
  assert.ok(ran >= LEAST, `${ran} of at least ${LEAST} enquiries found a case and the right verdict`);
});
