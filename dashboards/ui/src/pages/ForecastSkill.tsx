import type { ReactNode } from 'react';
import type { ModelSkill, Skill as SkillBody, SkillPart } from '../api/forecast';
import { Section } from '../components/Page';
import { Empty } from '../components/State';
import { Table, type Column } from '../components/Table';
import { chosenSkill, gain, partWords, skillSentence } from '../lib/anomalies';
import { formatCount, formatDayMinute, formatPercent } from '../lib/format';

const PARTS: readonly Column<SkillPart>[] = [
  { id: 'part', head: 'Over', cell: partWords },
  { id: 'points', head: 'Steps', num: true, cell: (p) => formatCount(p.points) },
  {
    id: 'loss',
    head: 'Loss',
    num: true,
    how: 'Over all quantiles, against the forecast that takes the same minute of the day before',
    cell: (p) => gain(p.relative_wql),
  },
  {
    id: 'error',
    head: 'Error of the median',
    num: true,
    how: 'Against the same minute of the day before',
    cell: (p) => gain(p.relative_mae),
  },
  {
    id: 'coverage',
    head: 'Below the 90 % quantile',
    num: true,
    how: 'Should be 90 %; more is a forecast too high, less one too low',
    cell: (p) => formatPercent(p.coverage90),
  },
];

const overall = ({ parts }: ModelSkill): SkillPart | undefined => parts.find(({ kind }) => kind === 'all');

const MODELS: readonly Column<ModelSkill>[] = [
  { id: 'model', head: 'Forecaster', cell: (m) => m.model },
  {
    id: 'loss',
    head: 'Loss',
    num: true,
    how: 'Over all quantiles, against the forecast that takes the same minute of the day before',
    cell: (m) => gain(overall(m)?.relative_wql ?? null),
  },
];

/** Which forecaster is in use, and how good it was a day ahead over the last days. */
export function Skill({ skill }: { skill: SkillBody | null }): ReactNode {
  if (skill === null)
    return (
      <Section title="How good it is" id="skill">
        <Empty>No back-test yet. Two days of requests are needed to choose between forecasters.</Empty>
      </Section>
    );
  return (
    <Section title="How good it is" note={`back-test of ${formatDayMinute(skill.made_at)}`} id="skill">
      <p>{skillSentence(skill)}</p>
      <Table name="Skill" columns={PARTS} rows={chosenSkill(skill)?.parts ?? []} keyOf={(p) => p.kind + p.part} />
      <Table
        name="Forecasters"
        columns={MODELS}
        rows={skill.models}
        keyOf={(m) => m.model}
        picked={(m) => m.model === skill.chosen}
      />
    </Section>
  );
}
