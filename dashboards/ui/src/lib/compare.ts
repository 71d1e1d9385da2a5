import type { ComparedBody, SideFigures } from '../api/service';
import { formatPercent, plural } from './format';
import { changeOf, isFaster, isSlower, ratioWords } from './quantiles';

const DAY = 86_400_000;
/** What a range can be compared with. */
export const WITH: readonly [string, string, number | null][] = [
  ['', 'the range before', null],
  ['day', 'the day before', DAY],
  ['week', 'the week before', 7 * DAY],
];

const sideName = ({ version }: SideFigures, otherwise: string): string =>
  version === null ? otherwise : `version ${version}`;
export const sideNames = (body: ComparedBody): [string, string] => [
  sideName(body.baseline, 'before'),
  sideName(body.candidate, 'now'),
];

/** What became slower or fails more often, beyond chance; or that nothing did. */
export function comparedSentence(body: ComparedBody): string {
  if (body.unavailable !== null) return `${body.unavailable}.`;
  const [before, now] = sideNames(body);
  const parts: string[] = [];
  const p95 = changeOf(body.quantiles, 0.95);
  if (p95 !== null && (isSlower(p95) || isFaster(p95)))
    parts.push(`the 95th percentile is ${ratioWords(p95)} that of ${before}`);
  const share = body.error_rate;
  if (share !== null && (share.low > 0 || share.high < 0))
    parts.push(
      `${formatPercent(body.candidate.error_rate)} of calls fail instead of ${formatPercent(body.baseline.error_rate)}`,
    );
  const changed = body.operations.filter((one) => one.changed).length;
  const moved =
    changed === 0
      ? 'no operation changed beyond chance'
      : `${changed} of ${plural(body.operations.length, 'operation')} changed beyond chance`;
  const head =
    parts.length === 0 ? `${now === 'now' ? '' : `${now}: `}latency and errors are as ${before}` : parts.join('; ');
  return `${head}; ${moved}.`;
}
