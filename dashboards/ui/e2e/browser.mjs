// What every browser test shares: where the server is, how to sign in, what may not go wrong.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const file = process.env.HEADROOM_DEMO_JSON;
if (file === undefined)
  throw new Error('HEADROOM_DEMO_JSON must name the file the demo wrote (its address and credentials)');
const { web, credentials, otlp_http: otlp } = JSON.parse(readFileSync(file, 'utf8'));
export { credentials, otlp, web };

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** What a role reads from the API directly, to compare pages with. */
export async function ask(role, path, params = {}) {
  const url = new URL(`/api/v1${path}`, web);
  for (const [key, value] of Object.entries(params)) url.searchParams.set(key, String(value));
  const response = await fetch(url, { headers: { authorization: `Bearer ${credentials[role].token}` } });
  if (!response.ok)
    throw new Error(`${url.pathname}${url.search} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** What the API answers to what a role sends it directly. */
export const send = (role, path, body) =>
  fetch(new URL(`/api/v1${path}`, web), {
    method: 'POST',
    headers: { authorization: `Bearer ${credentials[role].token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** What a role tells the API directly; it must take it. */
export async function tell(role, path, body) {
  const response = await send(role, path, body);
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Everything that went wrong on a page: console errors, exceptions, failed or foreign requests. */
export function watch(page) {
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A read the page itself gave up, because the reader went on, is no fault.
    const why = request.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') faults.push(`request: ${request.url()} ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(web) && !request.url().startsWith('blob:'))
      faults.push(`third party: ${request.url()}`);
  });
  return faults;
}

/** Fills in the form of the first page. */
export async function enter(page, user, password) {
  await page.goto(web);
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** Signs in through the form and returns the page with an empty list of faults. */
export async function signIn(browser, role, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    timezoneId: 'UTC',
    locale: 'en-GB',
    ...options,
  });
  const page = await context.newPage();
  await enter(page, credentials[role].user, credentials[role].password);
  return { page, context, faults: watch(page) };
}

/**
 * Opens a path and gives what the API answered the page itself, and with what question. The page that was open is left
 * first, so that an answer to its live refresh is not taken for one to the page that is opened.
 */
export async function reading(page, path, api) {
  await page.goto('about:blank');
  const heard = page.waitForResponse(
    (response) => decodeURIComponent(new URL(response.url()).pathname) === decodeURIComponent(`/api/v1${api}`),
  );
  await open(page, path);
  const response = await heard;
  return { body: await response.json(), asked: Object.fromEntries(new URL(response.url()).searchParams) };
}

/** Opens a path and waits until nothing is loading any more. */
export async function open(page, path) {
  await page.goto(new URL(path, web).href);
  await page.locator('[data-testid=sentence]').waitFor();
  await settled(page);
}

export async function settled(page) {
  await page.waitForFunction(
    () =>
      document.querySelector('.skeleton') === null &&
      !(document.querySelector('[data-testid=sentence]')?.textContent ?? '\u2026').endsWith('\u2026'),
  );
  await page.waitForTimeout(150);
}

/** A chart as a file, through its menu: its name and what is in it. */
export async function exported(page, chart, ending) {
  await chart.getByRole('button', { name: 'Export' }).click();
  const coming = page.waitForEvent('download');
  await chart.getByRole('menuitem', { name: ending.toUpperCase() }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}
