import type { CurveFit, OpenBounds, ServiceCurve } from '../api/curve';
import { formatShare } from './capacity';
import { known, percentileName, why } from './curve';
import { formatCount, formatDuration, NONE } from './format';

type Unit = 'plain' | 'per_second' | 'load' | 'ms' | 'share' | 'servers';

/** A parameter of a law with its interval, or why there is none. */
export interface CurveFigure {
  id: string;
  name: string;
  unit: Unit;
  value: number | null;
  low: number | null;
  high: number | null;
  /** What it means. */
  means: string;
  /** Why it is not known; nothing where it is. */
  why: string;
}

/** Four digits, as many as an estimate of this kind has. */
const digits = (value: number): string => String(Number(value.toPrecision(4)));

export function formatFigure(value: number | null, unit: Unit): string {
  if (value === null) return NONE;
  switch (unit) {
    case 'plain':
      return digits(value).replace('-', '\u2212');
    case 'per_second':
      return `${formatCount(value)}/s`;
    case 'load':
    case 'servers':
      return formatCount(value);
    case 'ms':
      return formatDuration(value * 1e6);
    case 'share':
      return formatShare(value);
  }
}

/** "380/s to 450/s"; one end may be open. */
export function formatBounds({ low, high, unit }: Pick<CurveFigure, 'low' | 'high' | 'unit'>): string {
  if (low === null && high === null) return '';
  if (low === null) return `up to ${formatFigure(high, unit)}`;
  return high === null
    ? `${formatFigure(low, unit)} or more`
    : `${formatFigure(low, unit)} to ${formatFigure(high, unit)}`;
}

const OPEN: OpenBounds = [null, null];
type Row = [id: string, name: string, unit: Unit, value: number | null, bounds: OpenBounds, means: string, why: string];
const figure = ([id, name, unit, value, bounds, means, reason]: Row): CurveFigure => {
  // What is not known has no interval either.
  const [low, high] = value === null ? OPEN : bounds;
  return { id, name, unit, value, low, high, means, why: value === null ? reason : '' };
};

/** The law of throughput against requests under way. */
export function uslFigures(usl: CurveFit): CurveFigure[] {
  const { bootstrap, student_intervals: student, peak, limit } = usl;
  const refused = usl.reasons.join('; ');
  const of = (key: 'alpha' | 'beta' | 'gamma'): OpenBounds => bootstrap?.[key] ?? student?.[key] ?? OPEN;
  const [noPeak, noLimit] = [usl.peak_reason, usl.limit_reason].map((told) =>
    usl.verdict === 'refused' ? refused : (told ?? refused),
  );
  const rows: Row[] = [
    [
      'alpha',
      '\u03b1, contention',
      'plain',
      usl.alpha,
      of('alpha'),
      'Share of the work that one request does at a time',
      refused,
    ],
    ['beta', '\u03b2, coherency', 'plain', usl.beta, of('beta'), 'What each pair of requests costs to agree', refused],
    ['gamma', '\u03b3, alone', 'per_second', usl.gamma, of('gamma'), 'Throughput with one request under way', refused],
    [
      'peak',
      'Peak',
      'per_second',
      peak?.throughput ?? null,
      bootstrap?.peak_throughput ?? OPEN,
      'The largest throughput',
      noPeak ?? '',
    ],
    [
      'peak_load',
      'Under way at the peak',
      'load',
      peak?.load ?? null,
      bootstrap?.peak_load ?? OPEN,
      'More only slow each other down',
      noPeak ?? '',
    ],
    [
      'limit',
      'Limit',
      'per_second',
      limit,
      bootstrap?.limit ?? OPEN,
      'What contention alone would never let pass',
      noLimit ?? '',
    ],
    [
      'explained',
      'Explained',
      'share',
      usl.r_squared,
      OPEN,
      'Share of the ups and downs of throughput that the law explains',
      refused,
    ],
  ];
  return rows.map(figure);
}

/** The law of own time against rate, and where the promise ends. */
export function residenceFigures({ residence: told, latency_knee: promised }: ServiceCurve): CurveFigure[] {
  const [fit, knee] = [known(told), known(promised)];
  const reason = why(told) ?? fit?.reasons.join('; ') ?? '';
  const noKnee = why(promised) ?? '';
  const law = fit?.residence ?? null;
  const ms = (seconds: number | undefined): number | null => (seconds === undefined ? null : seconds * 1e3);
  const section = law === null || law.servers === 1 ? 'one request at a time' : `${law.servers} requests at a time`;
  const promise =
    knee === null
      ? 'Where the promised latency ends'
      : `Where ${percentileName(knee.percentile)} reaches ${formatDuration(knee.target_ms * 1e6)} (${knee.promised_by})`;
  const rows: Row[] = [
    [
      'capacity',
      'Capacity',
      'per_second',
      fit?.capacity ?? null,
      fit?.capacity_interval ?? OPEN,
      'Rate at which the section is full',
      reason,
    ],
    [
      'constant',
      'Capacity, constant times',
      'per_second',
      fit?.capacity_if_constant ?? null,
      OPEN,
      'The least, if the time in the section never varies',
      reason,
    ],
    [
      'exponential',
      'Capacity, exponential times',
      'per_second',
      fit?.capacity_if_exponential ?? null,
      OPEN,
      'If it varies as much as its mean',
      reason,
    ],
    ['section', 'S, section', 'ms', ms(law?.service), OPEN, `Mean time in what is done ${section}`, reason],
    ['delay', 'D, delay', 'ms', ms(law?.delay), OPEN, 'Mean time of what is done side by side', reason],
    [
      'seen',
      'Section in use',
      'share',
      fit?.highest_utilisation ?? null,
      OPEN,
      'At the highest rate that was seen',
      reason,
    ],
    ['knee', 'Rate at the promise', 'per_second', knee?.knee.throughput ?? null, OPEN, promise, noKnee],
    [
      'knee_use',
      'Section in use then',
      'share',
      knee?.knee.utilisation ?? null,
      OPEN,
      'By the law of the whole duration',
      noKnee,
    ],
  ];
  return rows.map(figure);
}
