import { useId, useState, type ReactNode, type SubmitEvent } from 'react';
import { useRangedApi } from '../api/hooks';
import type { WallKind, WallsBody } from '../api/capacity';
import type { OperationsBody } from '../api/service';
import { formatAmount, nameOf } from '../lib/capacity';
import { faultOf, type Change, type ChangeKind } from '../lib/what-if';

const LABELS: Record<ChangeKind, string> = {
  traffic: 'Traffic of an operation',
  replicas: 'Replicas of a service',
  instance_size: 'Size of its instances',
  pool_size: 'Size of a connection pool',
  cache_hit_ratio: 'A cache between two',
  fan_out: 'Calls between two',
  limit: 'A limit set by others',
  section: 'Time in a serialised section',
  work: 'Work of a request',
  new_market: 'A new market',
};
const KINDS = Object.keys(LABELS) as ChangeKind[];

/** Kinds of wall that a change can move; a change of a service without one would move nothing. */
const MOVED: Partial<Record<ChangeKind, readonly WallKind[]>> = {
  replicas: ['cpu', 'memory', 'connections', 'event_loop'],
  instance_size: ['cpu', 'memory'],
  section: ['contention'],
  work: ['cpu', 'connections', 'event_loop', 'partitions', 'database'],
  pool_size: ['connections'],
  limit: ['rate', 'partitions', 'database'],
};
const VALUE: Partial<Record<ChangeKind, string>> = {
  traffic: 'Times today\u2019s traffic',
  replicas: 'Instances',
  instance_size: 'Times as large',
  pool_size: 'Connections in all instances',
  fan_out: 'Times as many calls',
  section: 'Times as long',
  work: 'Times as much',
  new_market: 'Share of today\u2019s peak, %',
};

interface Choice {
  value: string;
  label: string;
  /** What there is today. */
  today: string;
}

/** What can be chosen for a kind of change, of the walls there are. */
function choicesOf({ walls }: WallsBody, kind: ChangeKind): Choice[] {
  const moved = MOVED[kind] ?? [];
  const choices = walls
    .filter(({ resource }) => moved.includes(resource.kind))
    .map(({ id, resource, today }): Choice => {
      const amount = formatAmount(today.capacity, today.unit);
      if (kind === 'limit') return { value: id, label: nameOf(resource), today: amount };
      if (kind !== 'pool_size') return { value: resource.service, label: resource.service, today: '' };
      const pool = resource.name === '' ? resource.service : `${resource.service}/${resource.name}`;
      return { value: pool, label: pool, today: amount };
    });
  return [...new Map(choices.map((choice) => [choice.value, choice])).values()].sort((a, b) =>
    a.label.localeCompare(b.label),
  );
}

const servicesOf = ({ walls, without }: WallsBody): string[] =>
  [...new Set([...walls, ...without].map(({ resource }) => resource.service))].filter((name) => name !== '').sort();

interface FieldProps {
  label: string;
  value: string;
  set: (value: string) => void;
}

const Choose = ({ label, value, set, choices }: FieldProps & { choices: readonly Choice[] }): ReactNode => (
  <label className="field">
    {label}
    <select value={value} onChange={(event) => set(event.target.value)}>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  </label>
);

function Typed({ label, value, set, known }: FieldProps & { known: readonly string[] }): ReactNode {
  const id = useId();
  return (
    <label className="field">
      {label}
      <input value={value} list={id} maxLength={300} onChange={(event) => set(event.target.value)} />
      <datalist id={id}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

const Amount = ({ label, value, set, today = '' }: FieldProps & { today?: string }): ReactNode => (
  <label className="field">
    {today === '' ? label : `${label}, today ${today}`}
    <input type="number" step="any" min="0" value={value} onChange={(event) => set(event.target.value)} />
  </label>
);

/** An operation of a service at the door, suggested from those that were seen. */
function Operation({ body, value, set }: { body: WallsBody; value: string; set: (value: string) => void }): ReactNode {
  const services = servicesOf(body);
  const busiest = [...body.walls].sort((a, b) => b.peak.per_second - a.peak.per_second)[0]?.resource.service;
  const [service, setService] = useState(busiest ?? services[0] ?? '');
  const { data } = useRangedApi<OperationsBody>(
    `/api/v1/services/${encodeURIComponent(service)}/operations`,
    {},
    { enabled: service !== '', steady: 300_000 },
  );
  return (
    <>
      <Choose
        label="At the door of"
        value={service}
        set={setService}
        choices={services.map((name) => ({ value: name, label: name, today: '' }))}
      />
      <Typed
        label="Operation"
        value={value}
        set={set}
        known={(data?.operations ?? []).map(({ operation }) => operation)}
      />
    </>
  );
}

interface Fields {
  name: string;
  from: string;
  to: string;
  today: string;
  value: string;
}
const BLANK: Fields = { name: '', from: '', to: '', today: '0', value: '' };

/** The change that the fields say; numbers that are none become NaN and are refused. */
function changeFrom(kind: ChangeKind, { name, from, to, today, value }: Fields): Change {
  const number = value.trim() === '' ? NaN : Number(value);
  const [source, target] = [from.trim(), to.trim()];
  if (kind === 'new_market') return { kind, value: number / 100 };
  if (kind === 'fan_out') return { kind, from: source, to: target, times: number };
  if (kind === 'cache_hit_ratio')
    return {
      kind,
      from: source,
      to: target,
      today: today.trim() === '' ? NaN : Number(today) / 100,
      then: number / 100,
    };
  return { kind, name: name.trim(), value: number };
}

/** A small form for one change at a time. */
export function ChangeForm({ body, add }: { body: WallsBody; add: (change: Change) => void }): ReactNode {
  const kinds = KINDS.filter((kind) => MOVED[kind] === undefined || choicesOf(body, kind).length > 0);
  const [kind, setKind] = useState<ChangeKind>('traffic');
  const [fields, setFields] = useState<Fields>(BLANK);
  const [fault, setFault] = useState('');
  const choices = choicesOf(body, kind);
  const chosen = choices.find(({ value }) => value === fields.name) ?? choices[0];
  const shown = chosen === undefined ? fields : { ...fields, name: chosen.value };
  const set = (field: keyof Fields) => (value: string) => setFields({ ...fields, [field]: value });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const change = changeFrom(kind, shown);
    const wrong = faultOf(change);
    setFault(wrong ?? '');
    if (wrong !== null) return;
    add(change);
    setFields({ ...fields, value: '' });
  };
  const between = kind === 'cache_hit_ratio' || kind === 'fan_out';
  const services = servicesOf(body);
  const targets = [...new Set([...services, ...body.walls.map(({ resource }) => resource.name)])].filter(
    (n) => n !== '',
  );
  return (
    <form className="change-form" onSubmit={submit} noValidate aria-label="Add a change">
      <label className="field wide">
        Change
        <select
          value={kind}
          onChange={(event) => {
            setKind(kinds.find((one) => one === event.target.value) ?? 'traffic');
            setFields(BLANK);
            setFault('');
          }}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {LABELS[one]}
            </option>
          ))}
        </select>
      </label>
      {kind === 'traffic' && <Operation body={body} value={fields.name} set={set('name')} />}
      {choices.length > 0 && (
        <Choose
          label={kind === 'limit' ? 'Limit' : kind === 'pool_size' ? 'Pool' : 'Service'}
          value={shown.name}
          set={set('name')}
          choices={choices}
        />
      )}
      {between && (
        <>
          <Typed label="Who calls" value={fields.from} set={set('from')} known={services} />
          <Typed label="What is called" value={fields.to} set={set('to')} known={targets} />
        </>
      )}
      {kind === 'cache_hit_ratio' && <Amount label="Answered today, %" value={fields.today} set={set('today')} />}
      <Amount
        label={kind === 'cache_hit_ratio' ? 'Answered then, %' : (VALUE[kind] ?? 'Then')}
        value={fields.value}
        set={set('value')}
        today={chosen?.today ?? ''}
      />
      <button className="main-action">Add</button>
      {fault !== '' && (
        <span className="small red wide" role="alert">
          {fault}
        </span>
      )}
    </form>
  );
}
