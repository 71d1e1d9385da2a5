import type { ReactNode } from 'react';
import type { LookupBody, Party } from '../api/lookup';
import { useMay } from '../lib/session';
import { alertPath, Link } from './Link';

const WHOSE: Record<Party, string> = {
  us: 'Ours',
  upstream: 'A partner\u2019s',
  customer: 'The customer\u2019s side',
  market: 'The market\u2019s',
  not_said: 'Not to be told',
  none: 'Nobody\u2019s',
};

/** Whose it is, what says so, and how others fared in the same minutes. */
export function Whose({ body }: { body: LookupBody }): ReactNode {
  const { attribution, cohort } = body;
  return (
    <div className="stack" data-testid="whose">
      <p>
        <strong>{WHOSE[attribution.party]}.</strong> {attribution.sentence}
      </p>
      {attribution.evidence.length > 0 && (
        <ul className="small quiet">
          {attribution.evidence.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <p data-testid="cohort">{cohort.sentence}</p>
    </div>
  );
}

/** Alerts that fit; those who may see alerts go on from here. */
export function Incidents({ body }: { body: LookupBody }): ReactNode {
  const open = useMay('alerts');
  return body.incidents.map((incident) => (
    <p className="note-line amber" key={incident.alert_id} data-testid="incident">
      {incident.sentence} <span className="quiet">(by {incident.matched_by.join(', ')})</span>{' '}
      {open && <Link to={alertPath(incident.alert_id)}>alert</Link>}
    </p>
  ));
}
