import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findViews, readFunctions, readViews, readWords } from './sql-catalog';
import { completeAt, sourcesOf, type Vocabulary } from './sql-complete';

const COLUMNS = {
  rows: [
    ['spans', 'ts', 'timestamptz', 'NO'],
    ['spans', 'service', 'text', 'NO'],
    ['spans', 'version', 'text', 'YES'],
    ['services', 'service', 'text', 'NO'],
    ['services', 'calls', 'numeric(20,0)', 'NO'],
    ['events', 'amount', 'numeric(38,12)', 'YES'],
  ],
};
const FUNCTIONS = {
  rows: [
    ['attr', null, null],
    ['sum', 'sum(expression)', 'Returns the sum.'],
  ],
};
const words = readWords(readFileSync('../../docs/sql.md', 'utf8'));
const vocabulary: Vocabulary = { views: readViews(COLUMNS, words), functions: readFunctions(FUNCTIONS) };

describe('catalog', () => {
  it('has the names of the server and the words of the documentation, in its order', () => {
    expect(vocabulary.views.map(({ name }) => name)).toEqual(['spans', 'services', 'events']);
    expect(vocabulary.views[0]?.comment).toBe('One row per span: a timed operation of one service.');
    expect(vocabulary.views[0]?.columns[2]).toEqual({
      name: 'version',
      type: 'text',
      nullable: true,
      comment: 'service.version',
    });
    expect(vocabulary.views[2]?.columns[0]?.type).toBe('numeric(38,12)');
    expect(vocabulary.functions[0]?.syntax).toBe("attr(attributes, 'key')");
    expect(readViews({ rows: [['new', 'a', 'text', 'NO']] }, words)[0]?.comment).toBe('');
  });

  it('is found by view, column and comment', () => {
    const found = (filter: string): string[] =>
      findViews(vocabulary.views, filter).map(({ name, columns }) => `${name} ${columns.length}`);
    expect(found('')).toEqual(['spans 3', 'services 2', 'events 1']);
    expect(found('events')).toEqual(['events 1']);
    expect(found('calls')).toEqual(['services 1']);
    expect(found('spans version')).toEqual(['spans 1']);
    expect(found('timed operation')).toEqual(['spans 3']);
    expect(found('nothing')).toEqual([]);
  });
});

/** What is offered at the bar. */
function offered(marked: string, asked = false): string[] | null {
  const at = marked.indexOf('|');
  const found = completeAt(marked.replace('|', ''), at, asked, vocabulary);
  return found === null ? null : found.options.map(({ label }) => label);
}

describe('completion', () => {
  it('knows what is read, and under which name', () => {
    const of = (text: string): [string, string][] => [...sourcesOf(text)];
    expect(of('select 1 from spans JOIN logs l on l.x')).toEqual([
      ['spans', 'spans'],
      ['l', 'logs'],
    ]);
    expect(of('select 1 FROM spans AS s, logs\nwhere a')).toEqual([
      ['s', 'spans'],
      ['logs', 'logs'],
    ]);
    expect(of("select ' from no' -- from none\n from spans")).toEqual([['spans', 'spans']]);
  });

  it('offers views where a view is read', () => {
    expect(offered('select * from s|')).toEqual(['spans', 'services', 'events']);
    expect(offered('select * from spans, |', true)?.[0]).toBe('spans');
    expect(offered('with big as (select 1) select * from b|')?.[0]).toBe('big');
    expect(offered('select * from spans group by service, v|')?.slice(0, 3)).toEqual(['ts', 'service', 'version']);
  });

  it('offers the columns of what stands before the dot', () => {
    expect(offered('select s.| from services s')).toEqual(['service', 'calls']);
    expect(offered('select spans.v|')).toEqual(['ts', 'service', 'version']);
    expect(offered('select nothing.|')).toBeNull();
  });

  it('offers columns first, then functions and keywords', () => {
    const all = offered('select s| from services') ?? [];
    expect(all.slice(0, 2)).toEqual(['service', 'calls']);
    expect(all).toContain('sum');
    expect(all).toContain('group by');
    expect(offered('S|')).toContain('SELECT');
    const call = completeAt('select su', 9, false, vocabulary)?.options.find(({ label }) => label === 'sum');
    expect(call?.write).toBe('sum(');
    expect(call?.info).toBe('sum(expression)\nReturns the sum.');
  });

  it('is quiet in text, comments, numbers, and between words', () => {
    for (const marked of ["where a = 'x|", '-- se|', '/* a |', 'limit 10|', 'select |'])
      expect(offered(marked)).toBeNull();
    expect(offered('select | from services', true)?.[0]).toBe('service');
  });
});
