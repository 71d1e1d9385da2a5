import { useState, type ReactNode, type SubmitEvent } from 'react';
import type { NewSilence, SilenceWindow } from '../api/alerting';
import { readerZone } from '../lib/format';
import { toLocalField } from '../lib/range';
import { dayIn, matcherLines, WEEK, weekly, type Day } from '../lib/silence';
import { Choices } from './Choices';

const HOUR = 3_600_000;
type How = 'once' | 'weekly';

interface FieldProps {
  label: string;
  name: string;
  type: string;
  value: string;
  list?: string;
}
const Field = ({ label, value, ...rest }: FieldProps): ReactNode => (
  <label className="field">
    {label}
    <input {...rest} defaultValue={value} min={rest.type === 'number' ? '0.25' : undefined} step="any" required />
  </label>
);

const Once = ({ now }: { now: number }): ReactNode => (
  <>
    <Field label={`From, in ${readerZone()}`} name="from" type="datetime-local" value={toLocalField(now)} />
    <Field label="Until" name="until" type="datetime-local" value={toLocalField(now + HOUR)} />
  </>
);

const Weekly = (): ReactNode => (
  <>
    <fieldset className="wide">
      <legend>On</legend>
      <div className="row">
        {WEEK.map(([day, name]) => (
          <label key={day} className="row">
            <input type="checkbox" name="day" value={day} defaultChecked={day === 'SA'} />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
    <Field label="From, by the clock there" name="time" type="time" value="22:00" />
    <Field label="For so many hours" name="hours" type="number" value="2" />
    <Field label="Time zone" name="zone" type="text" value={readerZone()} />
  </>
);

/** What the form says; a text is what is wrong with it. */
function windowOf(form: FormData, how: How): SilenceWindow | string {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  if (how === 'once') {
    const [from, until] = [new Date(text('from')), new Date(text('until'))];
    if (Number.isNaN(from.getTime()) || Number.isNaN(until.getTime())) return 'Fill in both times';
    if (until <= from) return 'The end must come after the start';
    return { once: { from: from.toISOString(), until: until.toISOString() } };
  }
  const days = form.getAll('day').filter((day): day is Day => WEEK.some(([known]) => known === day));
  if (days.length === 0) return 'Choose a day';
  const hours = Number(text('hours'));
  if (!(hours > 0)) return 'Say for how many hours';
  try {
    return weekly(days, text('time'), text('zone'), hours, dayIn(text('zone'), Date.now()));
  } catch {
    return `"${text('zone')}" is no time zone; write one as Europe/Vienna`;
  }
}

interface Props {
  matchers: string;
  busy: boolean;
  make: (silence: NewSilence) => void;
}

/** A silence to make: which alerts, when, why. */
export function SilenceForm({ matchers, busy, make }: Props): ReactNode {
  const [how, setHow] = useState<How>('once');
  const [fault, setFault] = useState('');
  const [now] = useState(() => Date.now());
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const window = windowOf(form, how);
    setFault(typeof window === 'string' ? window : '');
    if (typeof window === 'string') return;
    const [which, why] = [form.get('matchers'), form.get('comment')];
    make({
      matchers: matcherLines(typeof which === 'string' ? which : ''),
      window,
      comment: typeof why === 'string' ? why.trim() : '',
    });
  };
  return (
    <form className="silence-form" onSubmit={submit} aria-label="Make a silence">
      <label className="field wide">
        Alerts that fit all of these, one a line
        <textarea
          name="matchers"
          className="mono"
          rows={3}
          defaultValue={matchers}
          placeholder={'service="order"\nseverity=~"warning|major"'}
          spellCheck={false}
          required
        />
      </label>
      <fieldset className="wide">
        <legend>When</legend>
        <Choices
          label="When"
          of={[
            ['once', 'Once'],
            ['weekly', 'Every week'],
          ]}
          chosen={how}
          choose={setHow}
        />
      </fieldset>
      {how === 'once' ? <Once now={now} /> : <Weekly />}
      <label className="field wide">
        Why
        <input name="comment" maxLength={500} required />
      </label>
      {fault !== '' && (
        <span className="small red wide" role="alert">
          {fault}
        </span>
      )}
      <div className="wide">
        <button className="main-action" disabled={busy}>
          Make the silence
        </button>
      </div>
    </form>
  );
}
