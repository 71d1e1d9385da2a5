import { expect, it } from 'vitest';
import { lastMonth, monthFault, monthWords, reportPath } from './reports';

const NOW = new Date('2026-01-31T23:30:00Z');

it('the last month that is over may be of last year', () => {
  expect(lastMonth(NOW)).toBe('2025-12');
  expect(monthWords('2025-12')).toBe('December 2025');
});

it('what is no month and no zone is refused in words', () => {
  expect(monthFault('2025-12', 'Europe/Zurich', NOW)).toBeNull();
  // It is February in Zurich already.
  expect(monthFault('2026-02', 'Europe/Zurich', NOW)).toBeNull();
  expect(monthFault('2026-03', 'UTC', NOW)).toBe('2026-03 has not begun.');
  expect(monthFault('2025-13', 'UTC', NOW)).toBe('"2025-13" is no month: give one as 2025-12.');
  expect(monthFault('2025-12', 'Atlantis', NOW)).toBe('"Atlantis" is no time zone: give one as Europe/Zurich.');
});

it('a zone is written so that it survives an address', () => {
  expect(reportPath('uptime', '2025-12', 'Etc/GMT+3', 'pdf')).toBe(
    '/api/v1/reports/uptime?month=2025-12&zone=Etc%2FGMT%2B3&format=pdf',
  );
});
