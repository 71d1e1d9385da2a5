import { useId, type ReactNode, type SVGProps } from 'react';
import type { Axis } from './xy-scale';
import type { Curve, XySpec } from './xy-spec';

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}
interface Props extends SVGProps<SVGSVGElement> {
  spec: XySpec;
  axes: { x: Axis; y: Axis };
  area: Box;
  size: { width: number; height: number };
  /** The point that is read. */
  read: { left: number; top: number } | null;
}

const px = (value: number): string => value.toFixed(1);
const DIAMOND = 'M0-7 7 0 0 7-7 0z';

/** Points, laws, marks and axes as one picture; its colours follow the theme by themselves. */
export function XyDrawing({ spec, axes, area, size, read, ...rest }: Props): ReactNode {
  const clip = useId();
  const x = (value: number): number => area.left + axes.x.at(value) * area.width;
  const y = (value: number): number => area.top + (1 - axes.y.at(value)) * area.height;
  const [right, bottom] = [area.left + area.width, area.top + area.height];
  const within = (value: number): boolean => value <= axes.x.high;
  const path = (line: Curve['line']): string =>
    line.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${px(x(at))} ${px(y(value))}`).join('');
  return (
    <svg className="xy" width={size.width} height={size.height} {...rest}>
      <defs>
        <clipPath id={clip}>
          <rect x={area.left} y={area.top} width={area.width} height={area.height} />
        </clipPath>
      </defs>
      {axes.y.ticks.map((tick) => (
        <g key={tick}>
          <line className="grid" x1={area.left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text x={area.left - 8} y={y(tick) + 4} textAnchor="end">
            {spec.y.format(tick)}
          </text>
        </g>
      ))}
      {axes.x.ticks.map((tick) => (
        <g key={tick}>
          <line className="edge" x1={x(tick)} x2={x(tick)} y1={bottom} y2={bottom + 4} />
          <text x={x(tick)} y={bottom + 18} textAnchor="middle">
            {spec.x.format(tick)}
          </text>
        </g>
      ))}
      <line className="edge" x1={area.left} x2={right} y1={bottom} y2={bottom} />
      <text x={right} y={bottom + 34} textAnchor="end">
        {spec.x.name}
      </text>
      <g clipPath={`url(#${clip})`}>
        {spec.rules.map(({ label, band }) =>
          band === undefined || !within(band[0]) ? null : (
            <rect
              key={label}
              className="band"
              x={x(band[0])}
              width={Math.max(1, x(Math.min(band[1], axes.x.high)) - x(band[0]))}
              y={area.top}
              height={area.height}
            />
          ),
        )}
        {spec.clouds.map(({ label, colour, dots }) => (
          <path
            key={label}
            className="cloud"
            data-cloud={label}
            data-dots={dots.length}
            style={{ stroke: `var(--${colour})` }}
            d={dots.map((dot) => `M${px(x(dot.x))} ${px(y(dot.y))}h0`).join('')}
          />
        ))}
        {spec.curves.map(({ label, colour, line, measured }) => (
          <g key={label} data-curve={label} className="law" style={{ stroke: `var(--${colour})` }}>
            <path d={path(line.filter(([at]) => at <= measured))} />
            <path d={path(line.filter(([at]) => at >= measured))} className="beyond" />
          </g>
        ))}
      </g>
      {spec.rules
        .filter(({ axis, at }) => axis === 'y' || within(at))
        .map(({ axis, at, label }) =>
          axis === 'x' ? (
            <g key={label} className="rule">
              <line x1={x(at)} x2={x(at)} y1={area.top} y2={bottom} />
              <text x={x(at)} y={area.top - 6} textAnchor={axes.x.at(at) > 0.7 ? 'end' : 'start'}>
                {label}
              </text>
            </g>
          ) : (
            <g key={label} className="rule">
              <line x1={area.left} x2={right} y1={y(at)} y2={y(at)} />
              <text x={area.left + 6} y={y(at) - 6}>
                {label}
              </text>
            </g>
          ),
        )}
      {spec.spots
        .filter((spot) => within(spot.x))
        .map((spot) => {
          const late = axes.x.at(spot.x) > 0.7;
          return (
            <g key={spot.label} className="spot" transform={`translate(${px(x(spot.x))} ${px(y(spot.y))})`}>
              <path d={DIAMOND} />
              <text x={late ? 8 : -8} y="22" textAnchor={late ? 'end' : 'start'}>
                {spot.label}
              </text>
            </g>
          );
        })}
      {read !== null && <circle className="read" cx={read.left} cy={read.top} r="5" />}
    </svg>
  );
}
