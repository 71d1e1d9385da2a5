import { useMemo, type ReactNode } from 'react';
import { STEADY_MS, useRangedApi, useRangedAsk } from '../api/hooks';
import type { WallsBody, WhatIf } from '../api/capacity';
import { WallChart } from '../charts/WallChart';
import { Page, Section } from '../components/Page';
import { Answer, Empty, Note } from '../components/State';
import { compare, nameOf, stageWalls, wallsSentence } from '../lib/capacity';
import { asSentence, formatFactor, plural } from '../lib/format';
import { useParams } from '../lib/router';
import { useSettled } from '../lib/use-settled';
import { changesOf, NOTHING, parseWhatIf, whatIfText } from '../lib/what-if';
import { useWallPath, WallLink } from './CapacityLink';
import { WallTable, Without } from './CapacityTable';
import { CapacityWall } from './CapacityWall';
import { CapacityWhatIf } from './CapacityWhatIf';

/** How long changes must rest before they are asked for. */
const REST_MS = 250;

function Stages({ body, after }: { body: WallsBody; after: WallsBody | undefined }): ReactNode {
  return (
    <div className="stages">
      {body.stages.map((stage, i) => {
        const { added, first } = stageWalls(body, i);
        const earlier = body.stages[i - 1];
        const then = after?.stages[i]?.walls;
        return (
          <Section key={stage.factor} title={`At ${stage.factor}x today\u2019s peak`}>
            <p className="count">
              {stage.walls === 0 ? 'No wall' : plural(stage.walls, 'wall')}
              {then !== undefined && then !== stage.walls && (
                <span className="quiet small">
                  {' '}
                  {'\u2192'} {then === 0 ? 'none' : then} under the changes
                </span>
              )}
            </p>
            {added === 0 ? (
              <p className="quiet small">
                {earlier === undefined || earlier.walls === 0
                  ? 'None that can be told from this data.'
                  : `No more than at ${earlier.factor}x.`}
              </p>
            ) : (
              <ol className="small">
                {first.map((wall) => (
                  <li key={wall.id}>
                    <span className="num">{formatFactor(wall.knee.factor)}</span>{' '}
                    <WallLink id={wall.id}>{nameOf(wall.resource)}</WallLink>
                  </li>
                ))}
                {added > first.length && <li className="quiet">and {added - first.length} more</li>}
              </ol>
            )}
          </Section>
        );
      })}
    </div>
  );
}

const Nothing = (): ReactNode => (
  <Empty>
    A wall needs requests (spans of kind server) and a resource that is measured at the same time: processor, memory,
    connection pool or event loop metrics of OpenTelemetry, with a busier and a quieter time among them. Limits that no
    metric reports stand under <code>[capacity]</code> in the configuration; see <code>docs/configuration.md</code>. A
    longer range may have what this one lacks.
  </Empty>
);

interface Asked {
  whatIf: WhatIf;
  faulty: boolean;
  set: (whatIf: WhatIf) => void;
  after: WallsBody | undefined;
  error: Error | null;
  retry: () => void;
  waiting: boolean;
}

/** The changes of the address, and the walls under them. */
function useWhatIf(): Asked {
  const [search, setParams] = useParams();
  const text = search.get('whatif');
  const read = useMemo(() => parseWhatIf(text), [text]);
  const whatIf = read ?? NOTHING;
  const asked = whatIfText(whatIf);
  const settled = useSettled(asked, REST_MS);
  const query = useRangedAsk<WallsBody>('/api/v1/capacity/what-if', parseWhatIf(settled), {
    enabled: settled !== '',
    steady: STEADY_MS,
  });
  return {
    whatIf,
    faulty: read === null,
    set: (next) => setParams({ whatif: whatIfText(next) }),
    after: asked === '' ? undefined : query.data,
    error: query.error,
    retry: () => void query.refetch(),
    waiting: asked !== '' && (settled !== asked || query.isPlaceholderData || query.isPending),
  };
}

function Body({ body, change }: { body: WallsBody; change: Asked }): ReactNode {
  const [search] = useParams();
  const path = useWallPath();
  const { walls } = body;
  const { after, waiting } = change;
  const asked = search.get('wall');
  const named = walls.find(({ id }) => id === asked);
  const picked = named ?? walls[0];
  const then = useMemo(
    () =>
      after === undefined
        ? null
        : new Map(
            compare(walls, after.walls)
              .filter(({ verdict }) => verdict !== 'same')
              .map(({ id, after: factor }) => [id, factor]),
          ),
    [after, walls],
  );
  if (picked === undefined)
    return (
      <>
        <Nothing />
        {body.without.length > 0 && <Without rows={body.without} />}
      </>
    );
  const resources = new Map([...walls, ...(after?.walls ?? [])].map(({ id, resource }) => [id, resource]));
  return (
    <>
      <Stages body={body} after={after} />
      <div className="walls">
        <WallChart walls={walls} then={then} picked={picked.id} to={path} />
        <div className="walls-side">
          {asked !== null && named === undefined && (
            <Note tone="amber">There is no wall {asked} in this range; the first one is shown.</Note>
          )}
          <CapacityWall
            wall={picked}
            then={after === undefined ? undefined : (after.walls.find(({ id }) => id === picked.id) ?? null)}
            told={picked === walls[0]}
            stepSeconds={body.step_seconds}
            resources={resources}
            waiting={waiting}
            tryIt={change.set}
          />
          <CapacityWhatIf body={body} {...change} />
        </div>
        <div className="walls-table">
          <WallTable body={body} picked={picked} />
          {body.without.length > 0 && <Without rows={body.without} />}
        </div>
      </div>
    </>
  );
}

/** Under the changes, in one sentence at the top: the panel may be out of sight. */
function changedSentence({ whatIf, after, waiting }: Asked): string {
  const count = plural(changesOf(whatIf).length, 'change');
  if (after === undefined || waiting) return `With ${count}: reckoning\u2026`;
  const first = after.walls[0];
  return first === undefined
    ? `With ${count} no wall is left that can be told.`
    : `With ${count} the first wall is ${nameOf(first.resource)}, at ${formatFactor(first.knee.factor)}.`;
}

export default function Capacity(): ReactNode {
  const query = useRangedApi<WallsBody>('/api/v1/capacity/walls', {}, { steady: STEADY_MS });
  const change = useWhatIf();
  const { data } = query;
  const waiting = query.error === null ? 'Looking for walls\u2026' : 'The walls could not be read.';
  return (
    <Page
      title="Capacity"
      sentence={data === undefined ? waiting : wallsSentence(data)}
      aside={
        data !== undefined && (
          <div>
            <p>{asSentence(data.trend.why)}</p>
            {changesOf(change.whatIf).length > 0 && change.error === null && (
              <p role="status">{changedSentence(change)}</p>
            )}
          </div>
        )
      }
    >
      <Answer query={query} height={640}>
        {(body) => <Body body={body} change={change} />}
      </Answer>
    </Page>
  );
}
