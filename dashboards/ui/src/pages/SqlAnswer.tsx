import { useMemo, useState, type ReactNode } from 'react';
import type { SqlBody } from '../api/sql';
import type { Json } from '../api/types';
import { BarChart } from '../charts/BarChart';
import { TimeChart } from '../charts/TimeChart';
import { jsonText } from '../components/Attributes';
import { Choices } from '../components/Choices';
import { Section } from '../components/Page';
import { Empty, Note } from '../components/State';
import { Table, type Column } from '../components/Table';
import { AskedContext } from '../lib/asked';
import { download } from '../lib/download';
import { formatDuration, formatExact, plural } from '../lib/format';
import { useParams } from '../lib/router';
import { chartOf, type SqlChart } from '../lib/sql-chart';
import { readPlan, type Plan } from '../lib/sql-plan';
import { answerCsv, answerJson, isNumber, isTime } from '../lib/sql-result';

const PAGE = 500;

const cellText = (value: Json): ReactNode => (value === null ? <span className="quiet">null</span> : jsonText(value));

/** The rows as they came, a page at a time: ten thousand at once would hold the browser up. */
function Rows({ body }: { body: SqlBody }): ReactNode {
  const [page, setPage] = useState(0);
  const pages = Math.ceil(body.rows.length / PAGE);
  const columns = body.columns.map((column, i): Column<Json[]> => {
    const text = (row: Json[]): ReactNode => cellText(row[i] ?? null);
    return {
      id: String(i),
      head: column.name,
      num: isNumber(column),
      how: column.type,
      cell: isTime(column) ? (row) => <span className="nowrap">{text(row)}</span> : text,
    };
  });
  const first = page * PAGE;
  return (
    <>
      <Table
        name="Result"
        columns={columns}
        rows={body.rows.slice(first, first + PAGE)}
        keyOf={(_row, i) => String(i)}
      />
      {pages > 1 && (
        <nav className="row small" aria-label="Pages of the result">
          <button disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </button>
          <span role="status">
            Rows {formatExact(first + 1)} to {formatExact(Math.min(first + PAGE, body.rows.length))} of{' '}
            {formatExact(body.rows.length)}
          </span>
          <button disabled={page === pages - 1} onClick={() => setPage(page + 1)}>
            Next
          </button>
        </nav>
      )}
    </>
  );
}

function Chart({ chart, sql }: { chart: SqlChart; sql: string }): ReactNode {
  const [chosen, choose] = useState('0');
  const left = chart.left > 0 ? `${formatExact(chart.left)} more are left out; the table has them.` : undefined;
  if (chart.kind === 'lines')
    return (
      <TimeChart
        id="sql-lines"
        facts={{ sql }}
        title={chart.title}
        unit={chart.unit}
        spec={chart.spec}
        note={left}
        brush={false}
      />
    );
  const column = chart.columns[Number(chosen)] ?? chart.columns[0];
  if (column === undefined) return null;
  return (
    <>
      {chart.columns.length > 1 && (
        <div>
          <Choices
            label="Column of the bars"
            of={chart.columns.map(({ name }, i) => [String(i), name] as const)}
            chosen={chosen}
            choose={choose}
          />
        </div>
      )}
      <BarChart id="sql-bars" facts={{ sql }} title={column.name} of={chart.label} bars={column.bars} note={left} />
    </>
  );
}

function PlanText({ plan: { parts, sent } }: { plan: Plan }): ReactNode {
  return (
    <Section title="Plan" note="read from the inside out">
      {sent.map(({ view, sql }, i) => (
        <div key={i} className="stack">
          <h3>Sent to the store for {view}</h3>
          <pre className="plan">{sql}</pre>
        </div>
      ))}
      {parts.map(({ title, text }) => (
        <div key={title} className="stack">
          <h3>{title}</h3>
          <pre className="plan">{text}</pre>
        </div>
      ))}
    </Section>
  );
}

/** The answer to a statement: a plan as a plan, anything else as a table or the chart that fits. */
export function SqlAnswer({ body, sql }: { body: SqlBody; sql: string }): ReactNode {
  const [search, set] = useParams();
  const plan = useMemo(() => readPlan(body), [body]);
  const chart = useMemo(() => chartOf(body), [body]);
  if (plan !== null) return <PlanText plan={plan} />;
  const drawn = search.get('view') === 'chart' && chart !== null;
  const name = body.truncated ? `query-first-${body.row_count}-rows` : 'query';
  return (
    <Section
      title="Answer"
      note={`${plural(body.row_count, 'row')} in ${formatDuration(body.elapsed_ms * 1e6)}`}
      actions={
        <>
          {chart !== null && (
            <Choices
              label="Look of the answer"
              of={[
                ['table', 'Table'],
                ['chart', 'Chart'],
              ]}
              chosen={drawn ? 'chart' : 'table'}
              choose={(look) => set({ view: look === 'chart' ? 'chart' : null }, true)}
            />
          )}
          <button className="plain small" onClick={() => download(name, 'csv', answerCsv(body))}>
            Download CSV
          </button>
          <button className="plain small" onClick={() => download(name, 'json', answerJson(body))}>
            Download JSON
          </button>
        </>
      }
    >
      {body.truncated && (
        <Note tone="amber">
          There are more rows: these are the first {formatExact(body.row_count)}, in the files too. Add a condition, or
          ask for more rows.
        </Note>
      )}
      {drawn ? (
        <AskedContext.Provider value={{ method: 'POST', path: '/api/v1/sql', params: {}, body: { sql } }}>
          <Chart chart={chart} sql={sql} />
        </AskedContext.Provider>
      ) : body.rows.length === 0 ? (
        <Empty>No row fits. Look at the conditions: a longer time, another name.</Empty>
      ) : (
        <Rows body={body} />
      )}
    </Section>
  );
}
