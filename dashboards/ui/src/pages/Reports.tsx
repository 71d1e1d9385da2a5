import type { ReactNode, SubmitEvent } from 'react';
import { Page } from '../components/Page';
import { Table, type Column } from '../components/Table';
import { trimmed } from '../lib/form';
import { lastMonth, monthFault, monthWords, REPORTS, reportPath, type ReportOffer } from '../lib/reports';
import { may } from '../lib/roles';
import { useParams } from '../lib/router';
import { useSession } from '../lib/session';

const FORMS = [
  ['html', 'Open'],
  ['pdf', 'PDF'],
  ['json', 'JSON'],
] as const;

const columns = (month: string, zone: string): readonly Column<ReportOffer>[] => [
  {
    id: 'title',
    head: 'Report',
    cell: (r) => (
      <>
        {r.title} <span className="quiet small below">{r.tells}</span>
      </>
    ),
  },
  {
    id: 'take',
    head: 'Take it',
    cell: (r) => (
      <span className="row">
        {FORMS.map(([format, label]) => (
          <a
            key={format}
            href={reportPath(r.kind, month, zone, format)}
            target="_blank"
            rel="noopener"
            aria-label={`${label}: ${r.title}`}
          >
            {label}
          </a>
        ))}
      </span>
    ),
  },
];

/** Reports about a month, to open or to take along. */
export default function Reports(): ReactNode {
  const { role } = useSession();
  const [search, set] = useParams();
  const now = new Date();
  const month = search.get('month') ?? lastMonth(now);
  const zone = search.get('zone') ?? 'UTC';
  const fault = monthFault(month, zone, now);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    set({ month: trimmed(form, 'month'), zone: trimmed(form, 'zone') });
  };
  return (
    <Page title="Reports" sentence={fault ?? `${monthWords(month)}, days of ${zone}: open a report, or take it along.`}>
      <form className="row" onSubmit={submit} key={`${month} ${zone}`}>
        <label className="field">
          Month
          <input type="month" name="month" defaultValue={month} max={now.toISOString().slice(0, 7)} required />
        </label>
        <label className="field">
          Time zone
          <input name="zone" defaultValue={zone} placeholder="UTC" required spellCheck={false} />
        </label>
        <label className="field">
          {'\u00a0'}
          <button className="main-action">Choose</button>
        </label>
      </form>
      {fault === null && (
        <Table
          name="Reports"
          columns={columns(month, zone)}
          rows={REPORTS.filter(({ area }) => may(role, area))}
          keyOf={(r) => r.kind}
        />
      )}
    </Page>
  );
}
