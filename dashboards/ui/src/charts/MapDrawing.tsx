import { useMemo, useState, type ReactNode } from 'react';
import type { MapBody, MapEdge, MapNode, MapPoint } from '../api/map';
import { Link, servicePath } from '../components/Link';
import { formatCount, formatDuration, formatPercent, formatRate } from '../lib/format';
import { inLayers, type Place } from '../lib/layers';
import { idOf, thickness, toneOfErrors } from '../lib/map';
import { quantileOf } from '../lib/quantiles';

/** Of a node's box, and from one to the next, in CSS pixels. */
const [WIDTH, HEIGHT, ACROSS, DOWN] = [172, 52, 212, 68];
const PAD = 8;

const left = ({ layer }: Place): number => PAD + layer * ACROSS;
const middle = ({ row }: Place): number => PAD + HEIGHT / 2 + row * DOWN;

/** A curve through the places of an edge; between layers it runs level behind what stands there. */
function pathOf(route: readonly Place[]): string {
  const [first, ...rest] = route;
  if (first === undefined || rest.length === 0) return '';
  const right = (rest[0]?.layer ?? 0) >= first.layer;
  const side = (place: Place, out: boolean): number => left(place) + (out === right ? WIDTH : 0);
  let path = `M${side(first, true)} ${middle(first).toFixed(1)}`;
  let at: Place = first;
  rest.forEach((place, i) => {
    const [x0, x1] = [side(at, true), side(place, false) + (i === rest.length - 1 ? (right ? -6 : 6) : 0)];
    const bend = (x1 - x0) / 2;
    path += `C${x0 + bend} ${middle(at).toFixed(1)} ${x1 - bend} ${middle(place).toFixed(1)} ${x1} ${middle(place).toFixed(1)}`;
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

function Box({ node, place, look }: { node: MapNode; place: Place; look: (on: boolean) => void }): ReactNode {
  const tone = toneOfErrors(node.error_rate ?? 0);
  const shared = {
    className: `map-node ${node.kind} ${tone}`,
    style: { left: left(place), top: middle(place) - HEIGHT / 2, width: WIDTH, height: HEIGHT },
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

/** Who calls whom, callers left: edges by how often (thickness) and how much of it fails (colour). */
export function MapDrawing({ body }: { body: MapBody }): ReactNode {
  const [over, setOver] = useState<string | null>(null);
  const shape = JSON.stringify([body.nodes.map(idOf), body.edges.map(({ from, to }) => [idOf(from), idOf(to)])]);
  const { places, routes, layers, rows } = useMemo(() => {
    const [ids, pairs] = JSON.parse(shape) as [string[], [string, string][]];
    return inLayers(
      ids,
      pairs.map(([from, to]) => ({ from, to })),
    );
  }, [shape]);
  const most = Math.max(...body.edges.map(({ calls_per_second: rate }) => rate), 0);
  const size = { width: (layers - 1) * ACROSS + WIDTH + 2 * PAD, height: (rows - 1) * DOWN + HEIGHT + 2 * PAD };
  const faded = ({ from, to }: MapEdge): boolean => over !== null && idOf(from) !== over && idOf(to) !== over;
  return (
    <div className="map-scroll">
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
                d={pathOf(routes[i] ?? [])}
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
            place !== undefined && <Box key={id} node={node} place={place} look={(on) => setOver(on ? id : null)} />
          );
        })}
      </div>
    </div>
  );
}
