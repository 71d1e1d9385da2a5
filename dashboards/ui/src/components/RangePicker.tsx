import { useEffect, useRef, useState, type SubmitEvent, type ReactNode } from 'react';
import { formatDayMinute, readerZone } from '../lib/format';
import { presetOf, resolveRange, toLocalField } from '../lib/range';
import { useRange } from '../lib/use-range';
import { Choices } from './Choices';

/** The one range of the page: presets, or two moments of the reader's zone. */
export function RangePicker(): ReactNode {
  const { range, from, to, set, faulty, presets } = useRange();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const chosen = presetOf(range);
  const preset = chosen !== null && presets.includes(chosen) ? chosen : null;
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    const onClick = (event: MouseEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('mousedown', onClick);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('mousedown', onClick);
    };
  }, [open]);
  const label = preset === null ? `${formatDayMinute(from)} to ${formatDayMinute(to)}` : 'Custom';
  return (
    <div className="range" ref={box} data-testid="range">
      {faulty && (
        <span className="amber small" role="alert">
          Range not readable; the default is shown
        </span>
      )}
      <Choices
        label="Time range"
        of={presets.map((name) => [name, name, `The last ${name}, times in ${readerZone()}`] as const)}
        chosen={preset}
        choose={(name) => set({ from: `now-${name}`, to: 'now' })}
      >
        <button ref={button} aria-pressed={preset === null} aria-expanded={open} onClick={() => setOpen(!open)}>
          {label}
        </button>
      </Choices>
      {open && (
        <Custom
          from={from}
          to={to}
          done={(next) => {
            set(next);
            setOpen(false);
            button.current?.focus();
          }}
        />
      )}
    </div>
  );
}

interface CustomProps {
  from: number;
  to: number;
  done: (range: { from: string; to: string }) => void;
}

function Custom({ from, to, done }: CustomProps): ReactNode {
  const [start, setStart] = useState(toLocalField(from));
  const [end, setEnd] = useState(toLocalField(to));
  const [fault, setFault] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const range = { from: new Date(start), to: new Date(end) };
    if (Number.isNaN(range.from.getTime()) || Number.isNaN(range.to.getTime())) {
      setFault('Fill in both times');
      return;
    }
    const text = { from: range.from.toISOString(), to: range.to.toISOString() };
    if (resolveRange(text, Date.now()) === null) setFault('The end must come after the start');
    else done(text);
  };
  return (
    <form className="popover" onSubmit={submit}>
      <label className="field">
        From
        <input type="datetime-local" value={start} autoFocus onChange={(e) => setStart(e.target.value)} />
      </label>
      <label className="field">
        To
        <input type="datetime-local" value={end} onChange={(e) => setEnd(e.target.value)} />
      </label>
      <span className="small quiet">Your zone: {readerZone()}</span>
      {fault !== '' && (
        <span className="small red" role="alert">
          {fault}
        </span>
      )}
      <button className="main-action">Show</button>
    </form>
  );
}
