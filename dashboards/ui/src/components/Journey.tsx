import { Fragment, type ReactNode } from 'react';
import type { JourneyStep } from '../api/lookup';
import { formatDecimal } from '../lib/decimal';
import { formatClock, formatDuration, formatTime } from '../lib/format';
import { useMay } from '../lib/session';
import { toneOf } from './Badge';
import { Link, servicePath, tracePath } from './Link';

const KINDS: Partial<Record<JourneyStep['kind'], string>> = {
  webhook: 'webhook',
  retry: 'tried again',
  error: 'error',
  deploy: 'deploy',
  incident: 'incident',
};
const CLASSES: Record<string, string> = { green: 'ok', red: 'failed', amber: 'waiting' };
const dayOf = (ts: string): string => formatTime(ts).slice(0, -9);

interface StepProps {
  step: JourneyStep;
  previous: JourneyStep | undefined;
  waiting: boolean;
}

const flowOf = (step: JourneyStep): string => step.event.split('.')[0] ?? '';

/** A pending step is where it hangs only if its flow did not go on. */
export const hangs = (steps: readonly JourneyStep[], i: number): boolean => {
  const step = steps[i];
  return step?.outcome === 'pending' && !steps.slice(i + 1).some((later) => flowOf(later) === flowOf(step));
};

function Step({ step, previous, waiting }: StepProps): ReactNode {
  const traces = useMay('traces');
  const tone = waiting ? 'waiting' : step.outcome === 'pending' ? '' : (CLASSES[toneOf(step.outcome)] ?? '');
  const newDay = previous === undefined || dayOf(previous.ts) !== dayOf(step.ts);
  const after = previous === undefined ? null : (Date.parse(step.ts) - Date.parse(previous.ts)) * 1e6;
  return (
    <li className={`step ${tone}`}>
      <time dateTime={step.ts} title={step.ts}>
        {newDay ? `${dayOf(step.ts)} ` : ''}
        {formatClock(step.ts)}
      </time>
      <span className="rail" aria-hidden="true" />
      <div className="what">
        <div className="row">
          {KINDS[step.kind] !== undefined && <span className="quiet small">{KINDS[step.kind]}</span>}
          <strong>{step.title}</strong>
          {step.outcome === 'failed' && <span className="red">failed</span>}
          {waiting && <span className="amber">waiting since {formatTime(step.ts)}</span>}
          {step.outcome === 'ok' && <span className="sr-only">done</span>}
          {step.amount !== null && !step.title.includes(step.amount) && (
            <span>
              {formatDecimal(step.amount)} {step.currency ?? ''}
            </span>
          )}
          <span className="quiet small">
            <Link to={servicePath(step.service)}>{step.service}</Link>
            {after !== null && after >= 1e6 && `, ${formatDuration(after)} later`}
            {traces && step.trace_id !== null && step.trace_id !== '' && (
              <>
                , <Link to={tracePath(step.trace_id)}>trace</Link>
              </>
            )}
          </span>
        </div>
        {step.detail !== '' && <span className={tone === 'failed' ? '' : 'quiet'}>{step.detail}</span>}
      </div>
    </li>
  );
}

/** What happened, one line a step, oldest first. */
export function Journey({ steps }: { steps: readonly JourneyStep[] }): ReactNode {
  return (
    <ol className="journey" data-testid="journey">
      {steps.map((step, i) => (
        <Fragment key={`${step.ts}/${step.event}/${i}`}>
          <Step step={step} previous={steps[i - 1]} waiting={hangs(steps, i)} />
        </Fragment>
      ))}
    </ol>
  );
}
