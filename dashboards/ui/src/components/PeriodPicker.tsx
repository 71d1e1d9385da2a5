import type { ReactNode, SubmitEvent } from 'react';
import { typed } from '../lib/form';
import type { Period, Preset } from '../lib/period';
import { Choices } from './Choices';

const LABELS: Record<Preset, [name: string, what: string]> = {
  '1m': ['1M', 'One month'],
  '3m': ['3M', 'Three months'],
  ytd: ['YTD', 'Since the year began'],
  '1y': ['1Y', 'One year'],
  all: ['All', 'Since the first booking'],
};

interface Props {
  period: Period;
  presets: readonly Preset[];
  choose: (preset: Preset) => void;
  between: (from: string, to: string) => void;
}

/** The days that are told: presets, or two days in UTC. */
export function PeriodPicker({ period, presets, choose, between }: Props): ReactNode {
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    between(typed(form, 'from'), typed(form, 'to'));
  };
  return (
    <div className="row small">
      <Choices
        label="Period"
        of={presets.map((preset) => [preset, ...LABELS[preset]] as const)}
        chosen={period.preset}
        choose={choose}
      />
      <form className="row" onSubmit={submit} key={`${period.from}/${period.to}`} aria-label="Days">
        <label className="row">
          <span className="quiet">From</span>
          <input type="date" name="from" defaultValue={period.from ?? ''} />
        </label>
        <label className="row">
          <span className="quiet">to</span>
          <input type="date" name="to" defaultValue={period.to ?? ''} />
        </label>
        <button>Show</button>
      </form>
    </div>
  );
}
