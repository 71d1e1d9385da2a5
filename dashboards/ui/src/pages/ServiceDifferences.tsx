import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { Difference, DifferencesBody } from '../api/service';
import { BarKeys, ShareBars } from '../components/Bars';
import { Section } from '../components/Page';
import { Answer, Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import type { Cell } from '../lib/cell';
import { countWords, differencesSentence, keyWords, valueWords } from '../lib/differences';
import { asSentence, formatExact, formatPercent, plural } from '../lib/format';
import { useParams } from '../lib/router';
import { useRange } from '../lib/use-range';
import { useSettled } from '../lib/use-settled';

const FIRST = 12;
/** A live range moves on by five minutes: the answer is dear, and the selection stays where it is. */
const STEADY = 300_000;
/** So long a selection must rest before it is asked about: keys move it step by step. */
const REST = 350;
const NAMES: [string, string] = ['selected', 'others'];

const COLUMNS: readonly Column<Difference>[] = [
  {
    id: 'what',
    head: 'What',
    by: (r) => r.key,
    cell: (r) => (
      <>
        <span className="quiet">{keyWords(r)}</span> <span className="below">{valueWords(r)}</span>
      </>
    ),
  },
  {
    id: 'shares',
    head: 'Share of the selected and of the others',
    by: (r) => r.inside_share,
    cell: (r) => (
      <span title={countWords(r)}>
        <ShareBars shares={[r.inside_share, r.outside_share]} names={NAMES} />
      </span>
    ),
  },
  {
    id: 'difference',
    head: 'Apart by',
    num: true,
    by: (r) => r.difference,
    how: 'Share of the selected less share of the others, with the bounds of 95 % confidence',
    cell: (r) => (
      <>
        {formatPercent(r.difference)}
        <span className="quiet small note">
          {formatPercent(r.difference_low)} to {formatPercent(r.difference_high)}
        </span>
      </>
    ),
  },
];

function Found({ body }: { body: DifferencesBody }): ReactNode {
  const [search, set] = useParams();
  const all = search.get('differences') === 'all';
  const { inside, outside, differences, identifiers, tried } = body;
  const read = inside.sample.spans + outside.sample.spans;
  return (
    <>
      <p data-testid="differences-sentence">{asSentence(differencesSentence(body))}</p>
      {differences.length > 0 && (
        <>
          <BarKeys names={NAMES} />
          <div className="share-table">
            <Table
              name="What sets them apart"
              columns={COLUMNS}
              rows={all ? differences : differences.slice(0, FIRST)}
              keyOf={(r) => `${r.scope}/${r.key}/${String(r.value)}/${String(r.withheld)}`}
              sortParam="difference-sort"
            />
          </div>
          {differences.length > FIRST && (
            <p>
              <button className="plain" onClick={() => set({ differences: all ? null : 'all' }, true)}>
                {all ? `The first ${FIRST}` : `All ${differences.length}`}
              </button>
            </p>
          )}
        </>
      )}
      <p className="small quiet">
        Compared with {plural(outside.spans, 'other request')} of the range. {formatExact(tried)} values were compared;
        what chance alone brings about is left out. Version, region, operation and kind are counted in all requests,
        other attributes in {formatExact(read)}.
        {identifiers.length > 0 &&
          ` Not compared, as they name single things: ${identifiers
            .slice(0, 6)
            .map(({ key }) => key)
            .join(', ')}${identifiers.length > 6 ? ` and ${identifiers.length - 6} more` : ''}.`}
      </p>
    </>
  );
}

interface Props {
  service: string;
  operation: string | null;
  cell: Cell;
}

/** What sets the requests of a rectangle of the heat-map apart from all others of the range. */
export function ServiceDifferences({ service, operation, cell }: Props): ReactNode {
  const { from, to, live } = useRange();
  const late = live ? to % STEADY : 0;
  const asked = useSettled(cell, REST);
  const query = useApi<DifferencesBody>('/api/v1/bubbleup', {
    service,
    operation,
    ...asked,
    baseline_from: new Date(from - late).toISOString(),
    baseline_to: new Date(to - late).toISOString(),
  });
  return (
    <Section title="What sets these requests apart" id="differences">
      <Answer query={query} height={240}>
        {(body) => (body.unavailable === null ? <Found body={body} /> : <Empty>{asSentence(body.unavailable)}</Empty>)}
      </Answer>
    </Section>
  );
}
