import { useMemo, useState, type ReactNode } from 'react';
import type { MapBody, MapEdge, MapNode, MapPoint } from '../api/map';
import { Link, servicePath } from '../components/Link';
import { formatCount, formatDuration, formatPercent, formatRate } from '../lib/format';
import { inLayers, type Place } from '../lib/layers';
import { gridFor, idOf, thickness, toneOfErrors, type Grid } from '../lib/map';
import { quantileOf } from '../lib/quantiles';
import { useWidth } from '../lib/use-width';
import { pageDraw } from './export';
import { Frame } from './Frame';
import type { Sheet } from './sheet';

/** Around the drawing, in CSS pixels. */
const PAD = 8;

const left = ({ layer }: Place, { across }: Grid): number => PAD + layer * across;
const middle = ({ row }: Place, { height, down }: Grid): number => PAD + height / 2 + row * down;

/** A curve through the places of an edge; between layers it runs level behind what stands there. */
function pathOf(route: readonly Place[], grid: Grid): string {
  const [first, ...rest] = route;
  if (first === undefined || rest.length === 0) return '';
  const right = (rest[0]?.layer ?? 0) >= first.layer;
  const side = (place: Place, out: boolean): number => left(place, grid) + (out === right ? grid.width : 0);
  const level = (place: Place): string => middle(place, grid).toFixed(1);
  let path = `M${side(first, true)} ${level(first)}`;
  let at: Place = first;
  rest.forEach((place, i) => {
    const [x0, x1] = [side(at, true), side(place, false) + (i === rest.length - 1 ? (right ? -6 : 6) : 0)];
    const bend = (x1 - x0) / 2;
    path += `C${x0 + bend} ${level(at)} ${x1 - bend} ${level(place)} ${x1} ${level(place)}`;
    if (i < rest.length - 1) path += `H${side(place, true)}`;
    at = place;
  });
  return path;
}

const words = ({ calls_per_second: rate, error_rate: errors, quantiles }: MapNode | MapEdge): string =>
  `${formatRate(rate)} a second, ${formatPercent(errors)} failed, p95 ${formatDuration(quantileOf(quantiles, 0.95))}`;

/** Calls as they fit a box: few are counted by the minute. */
const pace = (rate: number): string => (rate >= 1 ? `${formatCount(rate)}/s` : `${formatCount(rate * 60)}/min`);

const KINDS: Record<MapPoint['kind'], string> = {
  service: '',
  database: 'database',
  upstream: 'outside',
  topic: 'topic',
};

interface BoxProps {
  node: MapNode;
  place: Place;
  grid: Grid;
  look: (on: boolean) => void;
}

function Box({ node, place, grid, look }: BoxProps): ReactNode {
  const tone = toneOfErrors(node.error_rate ?? 0);
  const shared = {
    className: `map-node ${node.kind} ${tone} ${grid.narrow ? 'narrow' : ''}`,
    style: {
      left: left(place, grid),
      top: middle(place, grid) - grid.height / 2,
      width: grid.width,
      height: grid.height,
    },
    title: `${node.name}: ${words(node)}`,
    onMouseEnter: () => look(true),
    onMouseLeave: () => look(false),
    onFocus: () => look(true),
    onBlur: () => look(false),
  };
  const inside = (
    <>
      <span className="map-name">
        {node.name} {KINDS[node.kind] !== '' && <span className="quiet small">{KINDS[node.kind]}</span>}
      </span>
      <span className="map-figures">
        <span>{pace(node.calls_per_second)}</span>
        <span className={tone}>{formatPercent(node.error_rate)}</span>
        <span>{formatDuration(quantileOf(node.quantiles, 0.95))}</span>
      </span>
    </>
  );
  return node.kind === 'service' ? (
    <Link to={servicePath(node.name)} {...shared}>
      {inside}
    </Link>
  ) : (
    <div tabIndex={0} role="note" {...shared}>
      {inside}
    </div>
  );
}

/** Each line between two, with what it stands for. */
const file = ({ edges }: MapBody): Sheet => ({
  head: [
    { name: 'from' },
    { name: 'to' },
    { name: 'calls', unit: '1/s' },
    { name: 'failed', unit: 'share' },
    ...['p50', 'p95', 'p99'].map((name) => ({ name, unit: 'ns' })),
  ],
  rows: edges.map((edge) => [
    edge.from.name,
    edge.to.name,
    edge.calls_per_second,
    edge.error_rate,
    ...[0.5, 0.95, 0.99].map((q) => quantileOf(edge.quantiles, q)),
  ]),
});

/** Who calls whom, callers left: edges by how often (thickness) and how much of it fails (colour). */
export function MapDrawing({ body }: { body: MapBody }): ReactNode {
  const [over, setOver] = useState<string | null>(null);
  const [box, width] = useWidth();
  const shape = JSON.stringify([body.nodes.map(idOf), body.edges.map(({ from, to }) => [idOf(from), idOf(to)])]);
  const { places, routes, layers, rows } = useMemo(() => {
    const [ids, pairs] = JSON.parse(shape) as [string[], [string, string][]];
    return inLayers(
      ids,
      pairs.map(([from, to]) => ({ from, to })),
    );
  }, [shape]);
  const grid = gridFor(layers, width - 2 * PAD);
  const most = Math.max(...body.edges.map(({ calls_per_second: rate }) => rate), 0);
  const size = {
    width: (layers - 1) * grid.across + grid.width + 2 * PAD,
    height: (rows - 1) * grid.down + grid.height + 2 * PAD,
  };
  const faded = ({ from, to }: MapEdge): boolean => over !== null && idOf(from) !== over && idOf(to) !== over;
  return (
    <Frame id="service-map" title="Who calls whom" unit="callers left" file={() => file(body)} draw={pageDraw('.map')}>
      <div className="map-scroll" ref={box}>
        <div className="map" style={size} data-testid="map">
          <svg width={size.width} height={size.height} aria-hidden="true">
            <defs>
              {['', 'amber', 'red'].map((tone) => (
                <marker
                  key={tone}
                  id={`arrow${tone}`}
                  viewBox="0 0 8 8"
                  refX="2"
                  refY="4"
                  markerWidth="8"
                  markerHeight="8"
                  markerUnits="userSpaceOnUse"
                  orient="auto"
                >
                  <path className={`map-arrow ${tone}`} d="M0 0 8 4 0 8z" />
                </marker>
              ))}
            </defs>
            {body.edges.map((edge, i) => {
              const tone = toneOfErrors(edge.error_rate);
              return (
                <path
                  key={`${idOf(edge.from)}>${idOf(edge.to)}`}
                  className={`map-edge ${tone} ${faded(edge) ? 'faded' : ''}`}
                  d={pathOf(routes[i] ?? [], grid)}
                  strokeWidth={thickness(edge.calls_per_second, most)}
                  markerEnd={`url(#arrow${tone})`}
                >
                  <title>{`${edge.from.name} to ${edge.to.name}: ${words(edge)}`}</title>
                </path>
              );
            })}
          </svg>
          {body.nodes.map((node) => {
            const [id, place] = [idOf(node), places.get(idOf(node))];
            return (
              place !== undefined && (
                <Box key={id} node={node} place={place} grid={grid} look={(on) => setOver(on ? id : null)} />
              )
            );
          })}
        </div>
      </div>
    </Frame>
  );
}
