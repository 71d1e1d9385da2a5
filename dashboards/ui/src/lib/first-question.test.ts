import { expect, test } from 'vitest';
import { firstQuestion } from './first-question';

const now = Date.parse('2026-11-20T12:00:01Z');
const first = (path: string, search = '') => firstQuestion(path, new URLSearchParams(search), now);

test('the overview asks for its range, to the end of these five seconds', () => {
  expect(first('/overview')).toEqual({
    path: '/api/v1/overview',
    params: { from: '2026-11-20T11:00:05.000Z', to: '2026-11-20T12:00:05.000Z' },
  });
  expect(first('/overview', 'from=2026-11-20T01:00:00Z&to=2026-11-20T02:00:00Z')?.params).toEqual({
    from: '2026-11-20T01:00:00.000Z',
    to: '2026-11-20T02:00:00.000Z',
  });
  expect(first('/overview', 'from=yesterday')).toBeNull();
});

test('the lookup asks for what was typed, other pages for nothing', () => {
  expect(first('/lookup', 'q=ord_1')).toEqual({ path: '/api/v1/lookup', params: { q: 'ord_1' } });
  expect(first('/lookup')).toBeNull();
  expect(first('/services')).toBeNull();
});
