import { describe, expect, it } from 'vitest';
import type { Anomaly, Skill, SkillPart } from '../api/forecast';
import { anomalyMarks, gain, kindWords, partWords, skillSentence } from './anomalies';

const spike: Anomaly = {
  service: 'gateway',
  metric: 'requests_per_minute',
  ts: '2026-12-10T09:21:00Z',
  since: '2026-12-10T09:21:00Z',
  kind: 'point',
  side: 'above',
  value: 2000,
  expected: 500,
  score: 6.2,
  tail: 1e-6,
  event: null,
  reason: '4.0 times what 09:21 UTC usually sees (2,000 instead of 500); no event explains it',
  detected_at: '2026-12-10T09:30:00Z',
};

describe('anomalies on a chart', () => {
  it('are a tick where they are a minute and a band where they last', () =>
    expect(anomalyMarks([spike, { ...spike, kind: 'level', side: 'below', ts: '2026-12-10T18:00:00Z' }])).toEqual([
      { at: Date.parse(spike.ts), label: 'spike', kind: 'anomaly' },
      {
        at: Date.parse(spike.since),
        end: Date.parse('2026-12-10T18:00:00Z'),
        label: 'lower level',
        kind: 'anomaly',
      },
    ]));
  it('have a word for each kind', () =>
    expect(
      (['point', 'run', 'shape', 'level'] as const).map((kind) => kindWords({ ...spike, kind, side: 'below' })),
    ).toEqual(['drop', 'low for long', 'uneven hour', 'lower level']));
});

const part = (kind: SkillPart['kind'], name: string, points: number, relative: number | null): SkillPart => ({
  kind,
  part: name,
  points,
  pinball90: 0.03,
  coverage90: 0.9,
  relative_mae: relative,
  relative_wql: relative,
});
const skill = (...parts: SkillPart[]): Skill => ({
  made_at: '2026-12-10T03:00:00Z',
  chosen: 'calendar(XNYS)',
  models: [
    { model: 'seasonal-naive(1d)', parts: [part('all', 'all', 576, 1)] },
    { model: 'calendar(XNYS)', parts },
  ],
});

describe('skill in a sentence', () => {
  it('names the model and what it gains, in the events too', () =>
    expect(
      skillSentence(
        skill(
          part('all', 'all', 576, 0.77),
          part('event', 'ordinary', 560, 0.8),
          part('event', 'rate_decision', 6, 0.49),
          part('event', 'month_end', 12, 1.05),
          part('lead', '1: under 15 min', 8, 0.5),
        ),
      ),
    ).toBe(
      "Chosen by back-test: calendar(XNYS), 23\u00a0% less loss than yesterday's same minute; on month ends 5\u00a0% more; on rate decisions 51\u00a0% less.",
    ));
  it('does not claim what cannot be compared', () => {
    expect(skillSentence(skill(part('all', 'all', 576, null)))).toBe(
      "Chosen by back-test: calendar(XNYS); yesterday's same minute cannot be compared with it.",
    );
    expect(skillSentence(skill(part('all', 'all', 576, 1)))).toBe(
      "Chosen by back-test: calendar(XNYS), as much loss as yesterday's same minute.",
    );
    expect(gain(null)).toBe('not comparable');
  });
  it('says over which steps', () =>
    expect(
      [part('all', 'all', 1, 1), part('lead', '2: 15 to 60 min', 1, 1), part('event', 'custom', 1, 1)].map(partWords),
    ).toEqual(['all steps', '15 to 60 min ahead', 'other events']));
});
