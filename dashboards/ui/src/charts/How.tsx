import type { ReactNode } from 'react';
import { address } from '../api/client';
import { Dialog } from '../components/Dialog';
import { Link } from '../components/Link';
import { curl, useAsked, type Asked } from '../lib/asked';
import { useMay } from '../lib/session';
import { useCopy } from '../lib/use-copy';
import { explain, type ChartId, type Facts, type Sql } from './explain';

function Request({ asked, copy }: { asked: Asked; copy: (what: string, text: string) => void }): ReactNode {
  const { method, path, params } = asked;
  return (
    <>
      <h3>The request</h3>
      <pre className="plan" data-testid="how-request">
        {method} {address(path, params)}
      </pre>
      <p className="row small">
        <button className="plain" onClick={() => copy('address', window.location.origin + address(path, params))}>
          Copy the address
        </button>
        <button className="plain" onClick={() => copy('command', curl(asked, window.location.origin))}>
          Copy as curl
        </button>
        <span className="quiet">The command asks with $TOKEN: put your own there.</span>
      </p>
    </>
  );
}

function Statement({ sql, copy }: { sql: Sql; copy: (what: string, text: string) => void }): ReactNode {
  const may = useMay('sql');
  if ('none' in sql)
    return (
      <>
        <h3>In SQL</h3>
        <p>{sql.none}</p>
      </>
    );
  return (
    <>
      <h3>{sql.same ? 'The same in SQL' : 'What they are made of, in SQL'}</h3>
      <pre className="plan" data-testid="how-sql">
        {sql.text}
      </pre>
      <p className="row small">
        <button className="plain" onClick={() => copy('statement', sql.text)}>
          Copy the statement
        </button>
        {may && (
          <Link to="/sql" with={{ sql: sql.text, from: null, to: null }}>
            Open it on the SQL page
          </Link>
        )}
      </p>
    </>
  );
}

interface Props {
  id: ChartId;
  title: string;
  facts: Facts;
  close: () => void;
}

/** What the figures of a chart are, what was asked for them, and the same in SQL. */
export default function How({ id, title, facts, close }: Props): ReactNode {
  const asked = useAsked();
  const [told, copy] = useCopy();
  const { words, sql } = explain(id, { asked: asked ?? { method: 'GET', path: '', params: {} }, facts });
  return (
    <Dialog label={`How ${title} was computed`} close={close} wide>
      <h2>How was this computed?</h2>
      <p data-testid="how-words">{words}</p>
      {asked !== null && <Request asked={asked} copy={copy} />}
      <Statement sql={sql} copy={copy} />
      <p role="status" className="small quiet">
        {told}
      </p>
      <div>
        <button autoFocus onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
