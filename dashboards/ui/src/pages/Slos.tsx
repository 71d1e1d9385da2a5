import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { SloRow, SlosBody } from '../api/slo';
import { FreezesNow } from '../components/Freezes';
import { Page } from '../components/Page';
import { SloTable } from '../components/rows';
import { Answer, Empty, Note } from '../components/State';
import { plural } from '../lib/format';
import { sloSentence } from '../lib/slo';

/** The objective that is worst off speaks for the page. */
function sentenceOf(slos: readonly SloRow[]): string {
  if (slos.length === 0) return 'No objective is defined yet.';
  const known = slos.filter((slo) => slo.budget_remaining !== null);
  const spent = known.filter((slo) => (slo.budget_remaining ?? 0) <= 0);
  const worst = [...known].sort((a, b) => (a.budget_remaining ?? 0) - (b.budget_remaining ?? 0))[0];
  const head =
    spent.length === 0
      ? `All ${plural(known.length, 'measured objective')} have budget left`
      : `${spent.length} of ${plural(known.length, 'measured objective')} ${spent.length === 1 ? 'has' : 'have'} spent the budget`;
  return worst === undefined ? 'No objective could be measured.' : `${head}. ${sloSentence(worst)}`;
}

export default function Slos(): ReactNode {
  const query = useApi<SlosBody>('/api/v1/slos', {}, { live: true });
  return (
    <Page
      title="SLOs"
      sentence={query.data === undefined ? 'Reading the objectives\u2026' : sentenceOf(query.data.slos)}
    >
      <FreezesNow />
      <Answer query={query} height={360}>
        {({ slos }) => (
          <>
            {slos
              .filter(({ unavailable }) => unavailable !== null)
              .map((slo) => (
                <Note key={slo.name} tone="amber">
                  {slo.display_name} is not measured: {slo.unavailable}.
                </Note>
              ))}
            {slos.length === 0 ? (
              <Empty>
                Objectives are OpenSLO v1 files in the configured folder. Start from one of the templates in the
                documentation.
              </Empty>
            ) : (
              <SloTable slos={slos} />
            )}
          </>
        )}
      </Answer>
    </Page>
  );
}
