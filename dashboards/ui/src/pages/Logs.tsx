import type { ReactNode, SubmitEvent } from 'react';
import { useRangedApi } from '../api/hooks';
import type { LogsBody } from '../api/logs';
import type { ServicesBody } from '../api/service';
import { TimeChart } from '../charts/TimeChart';
import { LogLines } from '../components/LogLines';
import { Page } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { trimmed } from '../lib/form';
import { asSentence } from '../lib/format';
import { LEVELS, logsSentence, partial, together, volumeChart } from '../lib/logs';
import { useParams } from '../lib/router';
import { useRange } from '../lib/use-range';
import { useTail, type Followed } from '../lib/use-tail';

const LIVE = '/api/v1/logs/live';
const HELP = [
  ['timed out', 'both words, anywhere in the text'],
  ['"timed out"', 'exactly this text'],
  ['time*', 'texts with this part in them'],
  ['refused OR declined', 'one of them'],
  ['-retry', 'not this'],
  ['level:>=warn', 'warnings and worse'],
  ['http.route:/pay', 'an attribute; order.id:* where it only has to be there'],
] as const;

function Help(): ReactNode {
  return (
    <details className="small">
      <summary className="quiet">How to search</summary>
      <dl className="pairs">
        {HELP.map(([text, what]) => [
          <dt key={text} className="mono">
            {text}
          </dt>,
          <dd key={what}>{what}</dd>,
        ])}
      </dl>
    </details>
  );
}

function Search(): ReactNode {
  const [search, set] = useParams();
  const services = useRangedApi<ServicesBody>('/api/v1/services');
  const service = search.get('service') ?? '';
  const names = (services.data?.services ?? []).map((row) => row.service);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const said = Object.fromEntries(['q', 'service', 'level'].map((name) => [name, trimmed(form, name)]));
    set({ ...said, before: null, line: null });
  };
  const following = search.get('follow') === '1';
  return (
    <form className="row" onSubmit={submit} key={search.toString() + String(names.length)}>
      <label className="field grow">
        Words
        <input name="q" defaultValue={search.get('q') ?? ''} placeholder="everything" spellCheck={false} />
      </label>
      <label className="field">
        Service
        <select
          name="service"
          defaultValue={service}
          onChange={({ currentTarget }) => currentTarget.form?.requestSubmit()}
        >
          <option value="">any</option>
          {[...new Set([...names, ...(service === '' ? [] : [service])])].sort().map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className="field">
        Level
        <select
          name="level"
          defaultValue={search.get('level') ?? ''}
          onChange={({ currentTarget }) => currentTarget.form?.requestSubmit()}
        >
          <option value="">any</option>
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {level === 'fatal' ? level : `${level} and worse`}
            </option>
          ))}
        </select>
      </label>
      <div className="row actions">
        <button className="main-action">Search</button>
        <button
          type="button"
          aria-pressed={following}
          onClick={() => set({ follow: following ? null : '1', before: null })}
        >
          {following ? 'Stop following' : 'Follow'}
        </button>
      </div>
    </form>
  );
}

function Following({ tail }: { tail: Followed }): ReactNode {
  if (tail.failed !== '')
    return <Note tone="amber">Not following any more: {asSentence(tail.failed)} Stop, and follow again.</Note>;
  return (
    <Note>
      Following: new lines come in at the top.
      {tail.truncated && ' More come than can be shown; search for less.'}
    </Note>
  );
}

/** Log records: by their words, over time, and as they come. */
export default function Logs(): ReactNode {
  const { from, to } = useRange();
  const [search, set] = useParams();
  const said = { q: search.get('q'), service: search.get('service'), level: search.get('level') };
  const before = search.get('before');
  const follow = search.get('follow') === '1' && before === null;
  const newest = useRangedApi<LogsBody>('/api/v1/logs', said);
  const older = useRangedApi<LogsBody>('/api/v1/logs', { ...said, before }, { enabled: before !== null });
  const tail = useTail(LIVE, said, follow);
  const shown = before === null ? newest : older;
  // Older lines are counted from a fixed end: the page must not move on while somebody reads.
  const goOn = (next: string): void =>
    set({ before: next, from: new Date(from).toISOString(), to: new Date(to).toISOString(), line: null });
  const volume = newest.data?.volume ?? null;
  const lacks = volume === null ? null : partial(volume, { from, to });
  return (
    <Page title="Logs" sentence={newest.data === undefined ? 'Searching\u2026' : logsSentence(newest.data)}>
      <Search />
      <Help />
      {lacks !== null && <Note tone="amber">{lacks}</Note>}
      <Answer query={newest} height={176}>
        {() =>
          volume !== null &&
          volume.total > 0 && (
            <TimeChart
              id="log-lines"
              title="Log lines"
              unit="lines a bar"
              facts={{ step: volume.step_seconds }}
              spec={volumeChart(volume, { from, to })}
            />
          )
        }
      </Answer>
      {follow && <Following tail={tail} />}
      <Answer query={shown} height={420}>
        {({ lines, next }) => {
          const all = follow ? together(tail.lines, lines) : lines;
          return (
            <>
              {all.length === 0 ? (
                <Empty>No line fits. Take a word away or choose a longer range.</Empty>
              ) : (
                <LogLines lines={all} />
              )}
              <div className="row">
                {before !== null && (
                  <button className="plain" onClick={() => set({ before: null })}>
                    Newest lines
                  </button>
                )}
                {next !== null && !follow && (
                  <button className="plain" onClick={() => goOn(next)}>
                    Older lines
                  </button>
                )}
              </div>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
