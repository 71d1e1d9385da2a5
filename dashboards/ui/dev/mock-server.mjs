// A stand-in for the server while pages are written: deterministic data in the
// shapes of the API, and the built pages under the same content policy.
// For development and component tests only; nothing of it is shipped.
import { createReadStream, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { respond } from './mock/routes.mjs';

const port = Number(process.env.PORT ?? 8091);
const dist = join(import.meta.dirname, '..', 'dist');
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const bodyOf = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
};

function page(path, response) {
  const file = normalize(join(dist, path));
  const known = file.startsWith(dist) && extname(file) !== '' && existsSync(file);
  const served = known ? file : join(dist, 'index.html');
  response.writeHead(200, {
    'content-type': TYPES[extname(served)] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
  });
  createReadStream(served).pipe(response);
}

/** Nothing changes here: a stream of one event, which stays open. */
function live(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('event: changed\nid: 0\ndata: {"topics":[],"firing":null}\n\n');
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://local');
  if (!url.pathname.startsWith('/api/')) return page(url.pathname, response);
  if (url.pathname === '/api/v1/live') return live(response);
  const answer = respond({ method: request.method, url, headers: request.headers, body: await bodyOf(request) });
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  const { body = '' } = answer;
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
});

server.listen(port, '127.0.0.1', () => {
  const web = `http://127.0.0.1:${port}`;
  const credentials = Object.fromEntries(
    ['agent', 'sre', 'analyst', 'admin'].map((role) => [role, { user: role, password: role, token: `mock-${role}` }]),
  );
  const target = process.env.HEADROOM_DEMO_JSON;
  if (target !== undefined) writeFileSync(target, JSON.stringify({ web, credentials }));
  console.log(`mock of Headroom on ${web}; sign in as agent, sre, analyst or admin with the role as password`);
});
