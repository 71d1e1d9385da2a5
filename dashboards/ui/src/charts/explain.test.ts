import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Asked } from '../lib/asked';
import { curl, pieceOf } from '../lib/asked';
import { CHARTS, explain, unitOf, type ChartId } from './explain';
import { chartFile, spanOf } from './file-name';

const sources = (folder: string): string[] =>
  readdirSync(join(import.meta.dirname, '..', folder))
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => readFileSync(join(import.meta.dirname, '..', folder, name), 'utf8'));
const pages = sources('pages').join('\n');
const all = pages + sources('charts').join('\n');

const RANGE = { from: '2026-11-20T06:00:00.000Z', to: '2026-11-20T12:00:00.000Z' };
const get = (path: string, params: Asked['params'] = {}): Asked => ({
  method: 'GET',
  path,
  params: { ...RANGE, ...params },
});

describe('every chart is explained', () => {
  it('a chart on a page says which one it is', () => {
    const charts = [...pages.matchAll(/<(TimeChart|BarChart|XyChart)\s+([a-z]+)=/g)];
    expect(charts.length).toBeGreaterThan(20);
    expect(charts.filter(([, , first]) => first !== 'id').map(([text]) => text)).toEqual([]);
    // What is drawn by itself stands in the one frame, which wants a name.
    expect([...all.matchAll(/<figure/g)]).toHaveLength(1);
  });
  it('and no explanation is of a chart that there is not', () => {
    const used = [...all.matchAll(/(?:id="|chart: ')([a-z0-9-]+)["']/g)].map(([, id]) => id);
    expect(CHARTS.filter((id) => !used.includes(id))).toEqual([]);
  });
});

describe('an explanation', () => {
  const facts = {
    service: `o'brien`,
    step: 60,
    target: 0.99,
    window: '30d',
    window_seconds: 60,
    sql: 'SELECT 1',
    words: 'w',
  };
  const of = (id: ChartId, kind = 'gauge', aggregation = 'avg'): ReturnType<typeof explain> =>
    explain(id, {
      asked: get(`/api/v1/services/${encodeURIComponent("o'brien")}/x/y`, {
        service: `o'brien`,
        by: 'version',
        where: [`host:it's`],
      }),
      facts: { ...facts, kind, aggregation },
    });
  it.each(CHARTS)('of %s has words, and SQL with its texts quoted', (id) => {
    const { words, sql } = of(id);
    expect(words.length).toBeGreaterThan(0);
    expect(unitOf(id, {})).not.toContain('undefined');
    if ('none' in sql) throw new Error(sql.none);
    expect(sql.text).toMatch(/^SELECT /);
    expect(sql.text).not.toMatch(/undefined|NaN|null\b(?!if)/);
    // No quote of a text ends it.
    expect(sql.text.replaceAll("''", '').split("'").length % 2).toBe(1);
  });
  it('of a histogram says that SQL has none', () =>
    expect(of('metric', 'histogram', 'p99').sql).toHaveProperty('none'));
  it.each(['avg', 'sum', 'min', 'max', 'count', 'rate', 'increase'])(
    'of a metric has SQL for its %s',
    (aggregation) => {
      const { sql } = of('metric', 'counter', aggregation);
      expect('text' in sql ? sql.text : '').toContain(
        `coalesce(attr(attributes, 'host'), attr(resource, 'host')) = 'it''s'`,
      );
    },
  );
  it('asks for the range that was asked for', () => {
    const { sql } = of('service-calls');
    expect('text' in sql && sql.text).toContain(
      `minute >= TIMESTAMP '2026-11-20T06:00:00.000Z' AND minute < TIMESTAMP '2026-11-20T12:00:00.000Z'`,
    );
  });
});

describe('the question behind a chart', () => {
  it('is a command for a shell', () =>
    expect(curl({ ...get('/api/v1/red', { by: `it's` }), method: 'POST', body: { a: 1 } }, 'http://h')).toBe(
      `curl -H "Authorization: Bearer $TOKEN" 'http://h/api/v1/red?from=2026-11-20T06%3A00%3A00.000Z&to=2026-11-20T12%3A00%3A00.000Z&by=it%27s' \\\n  -H "Content-Type: application/json" \\\n  -d '{"a":1}'`,
    ));
  it('has pieces', () => expect(pieceOf(get('/api/v1/services/a%2Fb/series'), 3)).toBe('a/b'));
  it('names the file', () => {
    expect(chartFile('/services/order', 'p95 by version', spanOf(get('')))).toBe(
      'headroom-services-order-p95-by-version-20261120t0600z-20261120t1200z',
    );
    expect(chartFile('/capacity', 'Walls', spanOf(null))).toBe('headroom-capacity-walls');
  });
});
