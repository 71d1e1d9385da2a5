import { Fragment, type ReactNode } from 'react';
import type { JourneyStep } from '../api/types';
import { formatDecimal } from '../lib/decimal';
import { formatClock, formatDuration, formatTime } from '../lib/format';
import { useMay } from '../lib/session';
import { toneOf } from './Badge';
import { Link, servicePath, tracePath } from './Link';

const CLASSES: Record<string, string> = { green: 'ok', red: 'failed', amber: 'waiting' };
const dayOf = (ts: string): string => formatTime(ts).slice(0, -9);

interface StepProps { step: JourneyStep; previous: JourneyStep | undefined }

function Step({ step, previous }: StepProps): ReactNode {
  const traces = useMay('traces');
  const tone = CLASSES[toneOf(step.outcome)] ?? '';
  const newDay = previous === undefined || dayOf(previous.ts) !== dayOf(step.ts);
  const after = previous === undefined ? null : (Date.parse(step.ts) - Date.parse(previous.ts)) * 1e6;
  return (
    <li className={`step ${tone}`}>
      <time dateTime={step.ts} title={step.ts}>{newDay ? `${dayOf(step.ts)} ` : ''}{formatClock(step.ts)}</time>
      <span className="rail" aria-hidden="true" />
      <div className="what">
        <div className="row">
          <strong>{step.title}</strong>
          <span className={toneOf(step.outcome)}>{step.outcome.replaceAll('_', ' ')}</span>
          {step.amount !== null && <span>{formatDecimal(step.amount)} {step.currency ?? ''}</span>}
          <span className="quiet small"><Link to={servicePath(step.service)}>{step.service}</Link>
            {after !== null && after >= 1e6 && `, ${formatDuration(after)} later`}
            {traces && step.trace_id !== null && step.trace_id !== '' && <>, <Link to={tracePath(step.trace_id)}>trace</Link></>}
          </span>
        </div>
        {step.detail !== null && step.detail !== '' && <span className={tone === 'failed' ? '' : 'quiet'}>{step.detail}</span>}
      </div>
    </li>
  );
}

/** What happened, one line a step, oldest first. */
export function Journey({ steps }: { steps: readonly JourneyStep[] }): ReactNode {
  return (
    <ol className="journey" data-testid="journey">
      {steps.map((step, i) => <Fragment key={`${step.ts}/${step.event}/${i}`}><Step step={step} previous={steps[i - 1]} /></Fragment>)}
    </ol>
  );
}
